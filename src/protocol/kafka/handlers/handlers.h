#pragma once

#include "protocol/kafka/messages/configs.h"
#include "protocol/kafka/messages/connection.h"
#include "protocol/kafka/messages/fetch.h"
#include "protocol/kafka/messages/group.h"
#include "protocol/kafka/messages/group_admin.h"
#include "protocol/kafka/messages/metadata.h"
#include "protocol/kafka/messages/offsets.h"
#include "protocol/kafka/messages/positions.h"
#include "protocol/kafka/messages/produce.h"
#include "protocol/kafka/messages/topics.h"
#include "protocol/kafka/session.h"

/// One handler per request: it builds commands, and translates their replies into exactly one Call::reply. Each may use
/// views into the frame only until it returns.
namespace godwit::protocol::kafka {

void handle_produce(Call<ProduceRequest> call);
void handle_fetch(Call<FetchRequest> call);
void handle_list_offsets(Call<ListOffsetsRequest> call);
void handle_metadata(Call<MetadataRequest> call);
void handle_offset_commit(Call<OffsetCommitRequest> call);
void handle_offset_fetch(Call<OffsetFetchRequest> call);
void handle_find_coordinator(Call<FindCoordinatorRequest> call);
void handle_join_group(Call<JoinGroupRequest> call);
void handle_heartbeat(Call<HeartbeatRequest> call);
void handle_leave_group(Call<LeaveGroupRequest> call);
void handle_sync_group(Call<SyncGroupRequest> call);
void handle_describe_groups(Call<DescribeGroupsRequest> call);
void handle_list_groups(Call<ListGroupsRequest> call);
void handle_sasl_handshake(Call<SaslHandshakeRequest> call);
void handle_api_versions(Call<ApiVersionsRequest> call);
void handle_create_topics(Call<CreateTopicsRequest> call);
void handle_delete_topics(Call<DeleteTopicsRequest> call);
void handle_delete_records(Call<DeleteRecordsRequest> call);
void handle_init_producer_id(Call<InitProducerIdRequest> call);
void handle_offset_for_leader_epoch(Call<OffsetForLeaderEpochRequest> call);
void handle_describe_configs(Call<DescribeConfigsRequest> call);
void handle_alter_configs(Call<AlterConfigsRequest> call);
void handle_sasl_authenticate(Call<SaslAuthenticateRequest> call);
void handle_create_partitions(Call<CreatePartitionsRequest> call);
void handle_delete_groups(Call<DeleteGroupsRequest> call);
void handle_incremental_alter_configs(Call<IncrementalAlterConfigsRequest> call);
void handle_offset_delete(Call<OffsetDeleteRequest> call);
void handle_describe_cluster(Call<DescribeClusterRequest> call);

}  // namespace godwit::protocol::kafka
