// What users of franz-go rely on.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	. "godwit.test/lib/checks"
)

var background = context.Background()

func client(options ...kgo.Opt) *kgo.Client {
	options = append([]kgo.Opt{kgo.SeedBrokers(os.Getenv("GODWIT_KAFKA")), kgo.MetadataMinAge(100 * time.Millisecond)}, options...)
	return Got(kgo.NewClient(options...))
}

func topic(admin *kadm.Client, name string, partitions int32, configs map[string]*string) string {
	name = Unique("go." + name)
	Must(Got(admin.CreateTopic(background, partitions, 1, configs, name)).Err)
	return name
}

// read takes count records of a topic from its beginning, or what came within 15 s.
func read(topic string, count int) []*kgo.Record {
	reader := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer reader.Close()
	ctx, cancel := context.WithTimeout(background, 15*time.Second)
	defer cancel()
	var records []*kgo.Record
	for len(records) < count && ctx.Err() == nil {
		records = append(records, reader.PollFetches(ctx).Records()...)
	}
	return records
}

func records() {
	producer := client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer producer.Close()
	name := topic(kadm.NewClient(producer), "records", 2, nil)
	when := time.UnixMilli(1750000000123)
	sent := &kgo.Record{Topic: name, Partition: 1, Key: []byte("k"), Value: []byte{0, 255}, Timestamp: when,
		Headers: []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "a", Value: []byte("2")}, {Key: "n", Value: nil}}}
	Must(producer.ProduceSync(background, sent).FirstErr())
	Equal("first offset", sent.Offset, int64(0))
	got := read(name, 1)
	Equal("key, value and partition", fmt.Sprint(got[0].Key, got[0].Value, got[0].Partition), fmt.Sprint(sent.Key, sent.Value, 1))
	Check("timestamp", got[0].Timestamp.Equal(when), got[0].Timestamp)
	Equal("headers, duplicates and order", got[0].Headers, sent.Headers)
	large := &kgo.Record{Topic: name, Value: make([]byte, 900_000)}
	Must(producer.ProduceSync(background, large).FirstErr())
	Equal("a record of 900 kB", len(read(name, 2)), 2)
}

func codecs() {
	admin := kadm.NewClient(client())
	defer admin.Close()
	for codec, option := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		name := topic(admin, "codec-"+codec, 1, nil)
		producer := client(kgo.ProducerBatchCompression(option), kgo.DefaultProduceTopic(name))
		var batch []*kgo.Record
		for number := range 200 {
			batch = append(batch, kgo.StringRecord(fmt.Sprintf("the same text again and again %d", number)))
		}
		Must(producer.ProduceSync(background, batch...).FirstErr())
		producer.Close()
		got := read(name, 200)
		Check("codec "+codec, len(got) == 200 && string(got[199].Value) == string(batch[199].Value), len(got))
	}
}

func producers() {
	admin := kadm.NewClient(client())
	defer admin.Close()
	for label, options := range map[string][]kgo.Opt{
		"idempotent":       {},
		"plain, acks=all":  {kgo.DisableIdempotentWrite()},
		"plain, acks=1":    {kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.LeaderAck())},
		"plain, acks=none": {kgo.DisableIdempotentWrite(), kgo.RequiredAcks(kgo.NoAck())},
	} {
		name := topic(admin, fmt.Sprintf("producer-%d", len(label)*100+int(label[len(label)-1])), 1, nil)
		producer := client(append(options, kgo.DefaultProduceTopic(name), kgo.ProducerLinger(0))...)
		for number := range 500 {
			producer.Produce(background, kgo.StringRecord(strconv.Itoa(number)), nil)
		}
		Must(producer.Flush(background))
		producer.Close()
		got, ordered := read(name, 500), true
		for at, record := range got {
			ordered = ordered && record.Offset == int64(at) && string(record.Value) == strconv.Itoa(at)
		}
		Check(label+" producer: everything in order", len(got) == 500 && ordered, len(got))
	}
}

func groups() {
	producer := client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer producer.Close()
	admin := kadm.NewClient(producer)
	name, group := topic(admin, "group", 4, nil), Unique("go.group")
	for number := range 400 {
		producer.Produce(background, &kgo.Record{Topic: name, Partition: int32(number % 4), Value: []byte(strconv.Itoa(number))}, nil)
	}
	Must(producer.Flush(background))
	var seen sync.Map
	var count atomic.Int32
	member := func() (*kgo.Client, *atomic.Int32, func()) {
		owned := &atomic.Int32{}
		one := client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(name), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.HeartbeatInterval(300*time.Millisecond), kgo.SessionTimeout(6*time.Second),
			kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) { owned.Add(int32(len(got[name]))) }),
			kgo.OnPartitionsRevoked(func(ctx context.Context, one *kgo.Client, lost map[string][]int32) {
				Must(one.CommitUncommittedOffsets(ctx))
				owned.Add(-int32(len(lost[name])))
			}))
		ctx, stop := context.WithCancel(background)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				for _, record := range one.PollFetches(ctx).Records() {
					if _, before := seen.LoadOrStore(string(record.Value), true); !before {
						count.Add(1)
					}
				}
			}
		}()
		return one, owned, func() { stop(); <-done }
	}
	first, firstOwned, stopFirst := member()
	Check("one member gets every partition", Eventually(20*time.Second, func() bool { return firstOwned.Load() == 4 }), firstOwned.Load())
	second, secondOwned, stopSecond := member()
	Check("two members share the partitions", Eventually(20*time.Second, func() bool {
		return firstOwned.Load() == 2 && secondOwned.Load() == 2
	}), firstOwned.Load(), secondOwned.Load())
	Check("together they read everything", Eventually(20*time.Second, func() bool { return count.Load() == 400 }), count.Load())
	described := Got(admin.DescribeGroups(background, group))
	Equal("describe shows both members", len(described[group].Members), 2)
	stopSecond()
	Must(second.CommitUncommittedOffsets(background))
	second.Close()
	Check("a member that leaves hands over", Eventually(20*time.Second, func() bool { return firstOwned.Load() == 4 }), firstOwned.Load())
	stopFirst()
	Must(first.CommitUncommittedOffsets(background))
	first.Close()
	committed := Got(admin.FetchOffsets(background, group))
	total := int64(0)
	committed.Each(func(one kadm.OffsetResponse) { total += one.At })
	Equal("commits cover every record", total, int64(400))
	offsets := kadm.Offsets{}
	offsets.AddOffset(name, 0, 90, -1)
	Must(Got(admin.CommitOffsets(background, group, offsets)).Error())
	resumed := client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(name))
	ctx, cancel := context.WithTimeout(background, 15*time.Second)
	defer cancel()
	fetched := resumed.PollFetches(ctx).Records()
	Check("a new member resumes at the commit", len(fetched) > 0 && fetched[0].Partition == 0 && fetched[0].Offset == 90, len(fetched))
	resumed.Close()
}

func positions() {
	producer := client()
	defer producer.Close()
	admin := kadm.NewClient(producer)
	name, base := topic(admin, "positions", 1, nil), time.Now().Add(-time.Minute).UnixMilli()
	for number := range 50 {
		Must(producer.ProduceSync(background, &kgo.Record{Topic: name, Timestamp: time.UnixMilli(base + int64(number)*1000)}).FirstErr())
	}
	at := func(listed kadm.ListedOffsets, err error) int64 {
		Must(err)
		one, _ := listed.Lookup(name, 0)
		return one.Offset
	}
	Equal("start", at(admin.ListStartOffsets(background, name)), int64(0))
	Equal("end", at(admin.ListEndOffsets(background, name)), int64(50))
	Equal("by time", at(admin.ListOffsetsAfterMilli(background, base+20_500, name)), int64(21))
	Equal("max timestamp", at(admin.ListMaxTimestampOffsets(background, name)), int64(49))
	reader := client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{name: {0: kgo.NewOffset().At(9999)}}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	defer reader.Close()
	ctx, cancel := context.WithTimeout(background, 10*time.Second)
	defer cancel()
	err := reader.PollFetches(ctx).Err0()
	if err == nil {
		for _, one := range reader.PollFetches(ctx).Errors() {
			err = one.Err
		}
	}
	Check("an offset out of range is told", errors.Is(err, kerr.OffsetOutOfRange), err)
}

func administration() {
	admin := kadm.NewClient(client())
	defer admin.Close()
	retention := "98765"
	name := topic(admin, "admin", 3, map[string]*string{"retention.ms": &retention})
	listed := Got(admin.ListTopics(background, name))
	Equal("partitions", len(listed[name].Partitions), 3)
	configs := Got(admin.DescribeTopicConfigs(background, name))
	found := ""
	for _, config := range Got(configs.On(name, nil)).Configs {
		if config.Key == "retention.ms" {
			found = config.MaybeValue()
		}
	}
	Equal("config that was set", found, retention)
	Check("an existing topic is refused", errors.Is(Got(admin.CreateTopics(background, 1, 1, nil, name))[name].Err, kerr.TopicAlreadyExists))
	bad := "no/slash"
	Check("an invalid name is refused", errors.Is(Got(admin.CreateTopics(background, 1, 1, nil, bad))[bad].Err, kerr.InvalidTopicException))
	none := Unique("go.none")
	Check("an unknown topic is told", errors.Is(Got(admin.ListTopics(background, none))[none].Err, kerr.UnknownTopicOrPartition))
	Must(Got(admin.DeleteTopics(background, name))[name].Err)
	Check("a deleted topic is gone", Eventually(5*time.Second, func() bool {
		return errors.Is(Got(admin.ListTopics(background, name))[name].Err, kerr.UnknownTopicOrPartition)
	}))
	Check("deleting it again is refused", errors.Is(Got(admin.DeleteTopics(background, name))[name].Err, kerr.UnknownTopicOrPartition))
	small := "500"
	limited := topic(admin, "small", 1, map[string]*string{"max.message.bytes": &small})
	producer := client(kgo.ProducerBatchCompression(kgo.NoCompression()))
	defer producer.Close()
	err := producer.ProduceSync(background, &kgo.Record{Topic: limited, Value: make([]byte, 2000)}).FirstErr()
	Check("a batch over max.message.bytes is refused", errors.Is(err, kerr.MessageTooLarge), err)
}

func restart() {
	admin := kadm.NewClient(client())
	defer admin.Close()
	name := topic(admin, "restart", 2, nil)
	producer := client(kgo.DefaultProduceTopic(name), kgo.ProducerLinger(time.Millisecond))
	var acked, failed atomic.Int64
	var stop atomic.Bool
	done := make(chan struct{})
	sent := 0
	go func() {
		defer close(done)
		for ; !stop.Load(); sent++ {
			producer.Produce(background, kgo.StringRecord(strconv.Itoa(sent)), func(_ *kgo.Record, err error) {
				if err == nil {
					acked.Add(1)
				} else {
					failed.Add(1)
				}
			})
			if sent%20 == 0 {
				time.Sleep(2 * time.Millisecond)
			}
		}
	}()
	Eventually(10*time.Second, func() bool { return acked.Load() > 500 })
	RestartBroker()
	before := acked.Load()
	Check("producing goes on after the restart", Eventually(30*time.Second, func() bool { return acked.Load() > before+500 }))
	stop.Store(true)
	<-done
	Must(producer.Flush(background))
	producer.Close()
	Equal("an idempotent producer loses nothing", failed.Load(), int64(0))
	distinct := map[string]int{}
	for _, record := range read(name, sent) {
		distinct[string(record.Value)]++
	}
	Equal("nothing acked is lost", len(distinct), sent)
	ends, total := Got(admin.ListEndOffsets(background, name)), int64(0)
	ends.Each(func(one kadm.ListedOffset) { total += one.Offset })
	Equal("nothing is doubled", total, int64(sent))
}

func main() {
	Limit(200 * time.Second)
	Section("records", records)
	Section("codecs", codecs)
	Section("producers", producers)
	Section("groups", groups)
	Section("positions", positions)
	Section("administration", administration)
	Section("restart", restart)
	Finish()
}
