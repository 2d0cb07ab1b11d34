#include "protocol/kafka/apis.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/kafka/handlers/handlers.h"
#include "protocol/kafka/wire/decoder.h"

namespace godwit::protocol::kafka {
namespace {

template <class Request, void (*run)(Call<Request>)>
constexpr ServedApi serve() {
  return {Request::kApi, [](Session& session, uint64_t slot, RequestHeader header, Reader& in) {
            Call<Request> call{&session, slot, std::move(header), {}};
            bool flexible = Request::kApi.is_flexible(call.header.version);
            if (!wire::decode(in, call.header.version, flexible, call.request)) return false;
            run(std::move(call));
            return true;
          }};
}

constexpr std::array kServed = {
    serve<ProduceRequest, handle_produce>(),
    serve<FetchRequest, handle_fetch>(),
    serve<ListOffsetsRequest, handle_list_offsets>(),
    serve<MetadataRequest, handle_metadata>(),
    serve<OffsetCommitRequest, handle_offset_commit>(),
    serve<OffsetFetchRequest, handle_offset_fetch>(),
    serve<FindCoordinatorRequest, handle_find_coordinator>(),
    serve<JoinGroupRequest, handle_join_group>(),
    serve<HeartbeatRequest, handle_heartbeat>(),
    serve<LeaveGroupRequest, handle_leave_group>(),
    serve<SyncGroupRequest, handle_sync_group>(),
    serve<DescribeGroupsRequest, handle_describe_groups>(),
    serve<ListGroupsRequest, handle_list_groups>(),
    serve<SaslHandshakeRequest, handle_sasl_handshake>(),
    serve<ApiVersionsRequest, handle_api_versions>(),
    serve<CreateTopicsRequest, handle_create_topics>(),
    serve<DeleteTopicsRequest, handle_delete_topics>(),
    serve<DeleteRecordsRequest, handle_delete_records>(),
    serve<InitProducerIdRequest, handle_init_producer_id>(),
    serve<OffsetForLeaderEpochRequest, handle_offset_for_leader_epoch>(),
    serve<DescribeConfigsRequest, handle_describe_configs>(),
    serve<AlterConfigsRequest, handle_alter_configs>(),
    serve<SaslAuthenticateRequest, handle_sasl_authenticate>(),
    serve<CreatePartitionsRequest, handle_create_partitions>(),
    serve<DeleteGroupsRequest, handle_delete_groups>(),
    serve<IncrementalAlterConfigsRequest, handle_incremental_alter_configs>(),
    serve<OffsetDeleteRequest, handle_offset_delete>(),
    serve<DescribeClusterRequest, handle_describe_cluster>(),
};
static_assert(std::ranges::is_sorted(kServed, {}, [](const ServedApi& s) { return s.api.key; }));

}  // namespace

std::span<const ServedApi> served_apis() { return kServed; }

const ServedApi* find_api(int16_t key) {
  auto it = std::ranges::lower_bound(kServed, key, {}, [](const ServedApi& s) { return s.api.key; });
  return it != kServed.end() && it->api.key == key ? &*it : nullptr;
}

}  // namespace godwit::protocol::kafka
