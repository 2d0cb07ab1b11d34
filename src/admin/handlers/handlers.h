#pragma once

#include "admin/call.h"

/// What each path of the API does; the paths are in router.cc, and in docs/guide/admin-api.md.
namespace godwit::admin::handlers {

void health_live(const CallPtr& call);
void health_ready(const CallPtr& call);
void health_alarms(const CallPtr& call);
void metrics(const CallPtr& call);
void overview(const CallPtr& call);

void list_topics(const CallPtr& call);
void show_topic(const CallPtr& call);
void create_topic(const CallPtr& call);
void delete_topic(const CallPtr& call);
void publish_to_topic(const CallPtr& call);
void read_partition(const CallPtr& call);

void list_queues(const CallPtr& call);
void show_queue(const CallPtr& call);
void declare_queue(const CallPtr& call);
void delete_queue(const CallPtr& call);
void purge_queue(const CallPtr& call);
void publish_to_queue(const CallPtr& call);
void peek_queue(const CallPtr& call);
void receive_from_queue(const CallPtr& call);
void settle_in_queue(const CallPtr& call);

void list_exchanges(const CallPtr& call);
void declare_exchange(const CallPtr& call);
void delete_exchange(const CallPtr& call);
void publish_to_exchange(const CallPtr& call);
void list_bindings(const CallPtr& call);
void bind(const CallPtr& call);
void unbind(const CallPtr& call);

void list_groups(const CallPtr& call);
void show_group(const CallPtr& call);
void delete_group(const CallPtr& call);

void list_connections(const CallPtr& call);
void show_connection(const CallPtr& call);

}  // namespace godwit::admin::handlers
