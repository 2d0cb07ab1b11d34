#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "model/commands/catalog.h"
#include "protocol/kafka/apis.h"
#include "protocol/kafka/errors.h"
#include "protocol/kafka/handlers/handlers.h"

namespace godwit::protocol::kafka {

void handle_api_versions(Call<ApiVersionsRequest> call) {
  if (!call.request.client_name.empty())
    call.session->set_client(call.request.client_name + " " + call.request.client_version);
  ApiVersionsResponse response;
  for (const ServedApi& served : served_apis())
    response.apis.push_back({served.api.key, served.api.advertised, served.api.last});
  call.reply(response);
}

void handle_sasl_handshake(Call<SaslHandshakeRequest> call) {
  SaslHandshakeResponse response;
  response.mechanisms.push_back("PLAIN");
  if (call.request.mechanism != "PLAIN") response.error = error::kUnsupportedSaslMechanism;
  call.reply(response);
}

/// PLAIN (RFC 4616): authorization identity, NUL, user, NUL, password. The user guest is the only one there is yet.
void handle_sasl_authenticate(Call<SaslAuthenticateRequest> call) {
  constexpr std::string_view kGuest = "guest";
  std::string_view text = as_string(call.request.auth);
  size_t user_at = text.find('\0');
  size_t password_at = user_at == text.npos ? text.npos : text.find('\0', user_at + 1);
  SaslAuthenticateResponse response;
  std::string_view user = password_at == text.npos ? "" : text.substr(user_at + 1, password_at - user_at - 1);
  bool ok = call.session->guest_allowed() && user == kGuest && text.substr(password_at + 1) == kGuest;
  if (ok) {
    call.session->set_user(std::string(kGuest));
  } else {
    response.error = error::kSaslAuthenticationFailed;
    response.error_message = call.session->guest_allowed() ? "unknown user or wrong password"
                                                           : "user 'guest' may only connect from the broker's machine";
  }
  std::string reason;
  if (!ok) reason = fmt::format("login of user '{}' was refused: {}", user.substr(0, 255), *response.error_message);
  Session* session = call.session;
  call.reply(response);
  if (!ok) session->close(std::move(reason));
}

void handle_init_producer_id(Call<InitProducerIdRequest> call) {
  if (call.request.transactional_id) {
    InitProducerIdResponse response;
    response.error = error::kTransactionalIdAuthorizationFailed;  // transactions are not served yet
    return call.reply(response);
  }
  model::AllocateProducer allocate{call.request.producer_id, call.request.producer_epoch};
  Session* session = call.session;
  session->submit(allocate, [call = std::move(call)](Result<model::ProducerAllocated> allocated) mutable {
    InitProducerIdResponse response;
    if (allocated) {
      response.producer_id = allocated->producer_id;
      response.producer_epoch = allocated->epoch;
    } else {
      response.error = kafka_error(allocated.error().code, Subject::kProducer);
    }
    call.reply(response);
  });
}

}  // namespace godwit::protocol::kafka
