// What kafkajs's users rely on. It speaks only the protocol's older, non-flexible versions.
import kafkajs from 'kafkajs'
import snappy from 'kafkajs-snappy'
import { check, checkEqual, eventually, refusal, restartBroker, sleep, suite, unique } from '../lib/checks.mjs'

const { CompressionCodecs, CompressionTypes, Kafka, Partitioners, logLevel } = kafkajs
CompressionCodecs[CompressionTypes.Snappy] = snappy

const kafka = new Kafka({
  clientId: 'suite',
  brokers: [process.env.GODWIT_KAFKA],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, retries: 20, maxRetryTime: 1000 }
})
const admin = kafka.admin()

async function withProducer (body, options = {}) {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...options })
  await producer.connect()
  await body(producer)
  await producer.disconnect()
}

async function topic (name, numPartitions = 1, configs = {}) {
  const topic = unique(`kafkajs.${name}`)
  const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, configEntries }] })
  return topic
}

/** Starts a member of a group; `seen` collects what it gets. */
async function member (groupId, topic, seen, options = {}) {
  const consumer = kafka.consumer({ groupId, heartbeatInterval: 300, sessionTimeout: 6000, rebalanceTimeout: 6000,
    maxWaitTimeInMs: 200, ...options })
  consumer.owned = 0
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    consumer.owned = payload.memberAssignment[topic]?.length ?? 0
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ autoCommitInterval: 200, eachMessage: async ({ partition, message }) => { seen.push({ partition, ...message }) } })
  return consumer
}

let readers = 0

/** Reads `count` messages from the beginning. */
async function read (topic, count) {
  const seen = []
  const reader = await member(`${topic}.reader${++readers}`, topic, seen)
  await eventually(() => seen.length >= count)
  await reader.disconnect()
  return seen
}

async function records () {
  const name = await topic('records', 3)
  await withProducer(async producer => {
    const [first] = await producer.send({
      topic: name,
      messages: [{ partition: 1, key: 'k', value: Buffer.from([0, 255]), timestamp: '1750000000123',
        headers: { one: 'grüße', many: ['a', 'b'] } }]
    })
    checkEqual('partition and first offset', [first.partition, first.baseOffset], [1, '0'])
    const [got] = await read(name, 1)
    checkEqual('key and value', [got.key.toString(), [...got.value]], ['k', [0, 255]])
    checkEqual('timestamp', got.timestamp, '1750000000123')
    checkEqual('headers', [got.headers.one.toString(), got.headers.many.map(String)], ['grüße', ['a', 'b']])
    await producer.send({ topic: name, messages: [{ key: null, value: null }] })
    check('null key and value', (await read(name, 2)).some(one => one.key === null && one.value === null))
    await producer.send({ topic: name, messages: Array.from({ length: 300 }, (_, at) => ({ key: `k${at % 9}`, value: `${at}` })) })
    const all = await read(name, 302)
    checkEqual('all messages', all.length, 302)
    const homes = new Map()
    for (const one of all) homes.set(String(one.key), new Set([...homes.get(String(one.key)) ?? [], one.partition]))
    homes.delete('k')
    check('a key stays on its partition', [...homes.values()].every(home => home.size === 1))
  })
}

async function codecs () {
  for (const [name, compression] of [['none', CompressionTypes.None], ['gzip', CompressionTypes.GZIP], ['snappy', CompressionTypes.Snappy]]) {
    const made = await topic(`codec-${name}`)
    await withProducer(producer => producer.send({ topic: made, compression,
      messages: Array.from({ length: 100 }, (_, at) => ({ value: `the same text ${at}` })) }))
    const got = await read(made, 100)
    checkEqual(`codec ${name}`, [got.length, String(got[99]?.value)], [100, 'the same text 99'])
  }
}

async function producers () {
  const settings = { idempotent: [{ idempotent: true, maxInFlightRequests: 1 }, -1], 'acks=1': [{}, 1], 'acks=0': [{}, 0] }
  for (const [name, [options, acks]] of Object.entries(settings)) {
    const made = await topic(`producer-${name.replace('=', '')}`)
    await withProducer(async producer => {
      for (let at = 0; at < 50; at++) await producer.send({ topic: made, acks, messages: [{ value: String(at) }] })
    }, options)
    checkEqual(`producer ${name}: in order`, (await read(made, 50)).map(one => Number(one.value)), [...Array(50).keys()])
  }
}

async function groups () {
  const name = await topic('group', 4)
  const group = unique('kafkajs.group')
  await withProducer(producer => producer.send({ topic: name,
    messages: Array.from({ length: 200 }, (_, at) => ({ partition: at % 4, value: String(at) })) }))
  const seen = []
  const first = await member(group, name, seen)
  check('one member gets every partition', await eventually(() => first.owned === 4), first.owned)
  const second = await member(group, name, seen)
  check('two members share the partitions', await eventually(() => first.owned === 2 && second.owned === 2, 30000),
    [first.owned, second.owned])
  check('together they read everything', await eventually(() => new Set(seen.map(one => String(one.value))).size === 200))
  const described = await admin.describeGroups([group])
  checkEqual('describeGroups', [described.groups[0].state, described.groups[0].members.length], ['Stable', 2])
  await second.disconnect()
  check('a member that leaves hands over', await eventually(() => first.owned === 4, 30000), first.owned)
  await first.disconnect()
  const [{ partitions }] = await admin.fetchOffsets({ groupId: group, topics: [name] })
  checkEqual('commits cover every message', partitions.map(one => Number(one.offset)), [50, 50, 50, 50])
  await withProducer(producer => producer.send({ topic: name, messages: [{ partition: 2, value: 'later' }] }))
  const later = []
  const third = await member(group, name, later)
  await eventually(() => later.length > 0)
  await sleep(300)
  await third.disconnect()
  checkEqual('a new member resumes at the commit', later.map(one => String(one.value)), ['later'])
  check('listGroups names it', (await admin.listGroups()).groups.some(one => one.groupId === group))
  await admin.deleteGroups([group])
  check('a deleted group is gone', !(await admin.listGroups()).groups.some(one => one.groupId === group))
}

async function positions () {
  const name = await topic('positions')
  const base = Date.now() - 60000
  await withProducer(producer => producer.send({ topic: name,
    messages: Array.from({ length: 50 }, (_, at) => ({ value: String(at), timestamp: String(base + at * 1000) })) }))
  const [offsets] = await admin.fetchTopicOffsets(name)
  checkEqual('low and high', [offsets.low, offsets.high], ['0', '50'])
  // The lookup finds the batch's first record at or after the time.
  checkEqual('offset by time', (await admin.fetchTopicOffsetsByTimestamp(name, base + 20500))[0].offset, '21')
  const seen = []
  const reader = await member(unique('kafkajs.seek'), name, seen)
  await eventually(() => seen.length === 50)
  reader.seek({ topic: name, partition: 0, offset: '45' })
  check('seek goes back', await eventually(() => seen.length === 55), seen.length)
  await reader.disconnect()
}

async function administration () {
  const name = await topic('admin', 2, { 'retention.ms': '43210' })
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] })
  checkEqual('partitions', topics[0].partitions.length, 2)
  check('listTopics names it', (await admin.listTopics()).includes(name))
  const { resources } = await admin.describeConfigs({ resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }] })
  checkEqual('config that was set', resources[0].configEntries.find(one => one.configName === 'retention.ms').configValue, '43210')
  await admin.createPartitions({ topicPartitions: [{ topic: name, count: 4 }] })
  check('createPartitions', await eventually(async () =>
    (await admin.fetchTopicMetadata({ topics: [name] })).topics[0].partitions.length === 4))
  checkEqual('an existing topic answers false', await admin.createTopics({ topics: [{ topic: name }] }), false)
  const invalid = await refusal(() => admin.createTopics({ topics: [{ topic: 'no/slash' }] }))
  checkEqual('an invalid name is refused', (invalid?.errors?.[0] ?? invalid)?.type, 'INVALID_TOPIC_EXCEPTION')
  const cluster = await admin.describeCluster()
  checkEqual('one broker', cluster.brokers.length, 1)
  await admin.deleteTopics({ topics: [name] })
  check('a deleted topic is gone', await eventually(async () => !(await admin.listTopics()).includes(name)))
  const quick = new Kafka({ brokers: [process.env.GODWIT_KAFKA], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin()
  await quick.connect()
  const gone = await refusal(() => quick.deleteTopics({ topics: [name] }))
  checkEqual('deleting it again is refused', (gone?.cause ?? gone)?.type, 'UNKNOWN_TOPIC_OR_PARTITION')
  await quick.disconnect()
}

async function restart () {
  const name = await topic('restart', 2)
  const acked = []
  let stopped = false
  let number = 0
  await withProducer(async producer => {
    const sending = (async () => {
      while (!stopped) {
        const mine = ++number
        if (!await refusal(() => producer.send({ topic: name, messages: [{ value: String(mine) }] }))) acked.push(mine)
      }
    })()
    await eventually(() => acked.length > 100)
    await restartBroker()
    const before = acked.length
    check('producing goes on after the restart', await eventually(() => acked.length > before + 100, 40000), acked.length)
    stopped = true
    await sending
  })
  const got = new Set((await read(name, acked.length)).map(one => Number(one.value)))
  checkEqual('nothing acked is lost', acked.filter(one => !got.has(one)), [])
}

await admin.connect()
await suite([records, codecs, producers, groups, positions, administration, restart], 200000)
