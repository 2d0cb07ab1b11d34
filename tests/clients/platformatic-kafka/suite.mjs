// What users of @platformatic/kafka rely on. It speaks only the protocol's newer, flexible versions.
import { isDeepStrictEqual } from 'node:util'
import { Admin, Consumer, MessagesStreamFallbackModes, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { check, checkEqual, eventually, refusal, restartBroker, suite, unique } from '../lib/checks.mjs'

const base = { clientId: 'suite', bootstrapBrokers: [process.env.GODWIT_KAFKA], retries: 30, retryDelay: 200, timeout: 10000 }
const admin = new Admin(base)

async function withProducer (body, options = {}) {
  const producer = new Producer({ ...base, serializers: stringSerializers, ...options })
  try {
    return await body(producer)
  } finally {
    await producer.close()
  }
}

async function topic (name, partitions = 1, configs = []) {
  const topic = unique(`platformatic.${name}`)
  await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs })
  return topic
}

/** Starts a member of a group; `seen` collects what it gets. */
async function member (groupId, topic, seen) {
  const consumer = new Consumer({ ...base, groupId, deserializers: stringDeserializers, heartbeatInterval: 300,
    sessionTimeout: 6000, rebalanceTimeout: 6000, maxWaitTime: 200 })
  const stream = await consumer.consume({ topics: [topic], autocommit: 200, mode: 'committed',
    fallbackMode: MessagesStreamFallbackModes.EARLIEST })
  stream.on('data', message => seen.push(message))
  stream.on('error', error => check('the stream goes on', false, String(error)))
  return {
    consumer,
    owned: () => consumer.assignments?.find(one => one.topic === topic)?.partitions.length ?? 0,
    stop: async () => {
      await stream.close()
      await consumer.close()
    }
  }
}

let readers = 0

/** Reads `count` messages from the beginning. */
async function read (topic, count) {
  const seen = []
  const reader = await member(`${topic}.reader${++readers}`, topic, seen)
  await eventually(() => seen.length >= count)
  await reader.stop()
  return seen
}

/** The protocol error's name inside what the client throws, however deep. */
function errorId (error) {
  return error?.apiId ?? error?.errors?.map(errorId).find(Boolean)
}

async function records () {
  const name = await topic('records', 2)
  await withProducer(async producer => {
    const { offsets } = await producer.send({ messages: [{ topic: name, partition: 1, key: 'k', value: 'grüße',
      timestamp: 1750000000123n, headers: { a: '1', b: '' } }] })
    checkEqual('partition and first offset', [offsets[0].partition, offsets[0].offset], [1, 0n])
    const [got] = await read(name, 1)
    checkEqual('key, value, partition', [got.key, got.value, got.partition], ['k', 'grüße', 1])
    checkEqual('timestamp', got.timestamp, 1750000000123n)
    checkEqual('headers', [...got.headers], [['a', '1'], ['b', '']])
    await producer.send({ messages: Array.from({ length: 500 }, (_, at) => ({ topic: name, key: `k${at % 5}`, value: String(at) })) })
    const all = await read(name, 501)
    checkEqual('all messages', new Set(all.map(one => one.value)).size, 501)
    const last = new Map()
    check('offsets have no gap', all.every(one => {
      const expected = (last.get(one.partition) ?? -1n) + 1n
      last.set(one.partition, one.offset)
      return one.offset === expected
    }))
  })
}

async function codecs () {
  for (const compression of ['none', 'gzip', 'snappy', 'lz4']) {
    const name = await topic(`codec-${compression}`)
    await withProducer(producer => producer.send({ compression,
      messages: Array.from({ length: 100 }, (_, at) => ({ topic: name, value: `the same text ${at}` })) }))
    const got = await read(name, 100)
    checkEqual(`codec ${compression}`, [got.length, got[99]?.value], [100, 'the same text 99'])
  }
}

async function producers () {
  for (const [label, options] of [['idempotent', { idempotent: true }], ['acks=1', { acks: 1 }], ['acks=0', { acks: 0 }]]) {
    const name = await topic(`producer-${label.replace('=', '')}`)
    await withProducer(async producer => {
      for (let at = 0; at < 50; at++) await producer.send({ messages: [{ topic: name, value: String(at) }], ...options })
    }, options)
    checkEqual(`producer ${label}: in order`, (await read(name, 50)).map(one => Number(one.value)), [...Array(50).keys()])
  }
}

async function groups () {
  const name = await topic('group', 4)
  const group = unique('platformatic.group')
  await withProducer(producer => producer.send({
    messages: Array.from({ length: 200 }, (_, at) => ({ topic: name, partition: at % 4, value: String(at) })) }))
  const seen = []
  const first = await member(group, name, seen)
  check('one member gets every partition', await eventually(() => first.owned() === 4), first.owned())
  const second = await member(group, name, seen)
  check('two members share the partitions', await eventually(() => first.owned() === 2 && second.owned() === 2, 30000),
    [first.owned(), second.owned()])
  check('together they read everything', await eventually(() => new Set(seen.map(one => one.value)).size === 200))
  const described = (await admin.describeGroups({ groups: [group] })).get(group)
  checkEqual('describeGroups', [described.state, described.members.size], ['STABLE', 2])
  await second.stop()
  check('a member that leaves hands over', await eventually(() => first.owned() === 4, 30000), first.owned())
  const committed = async () => (await first.consumer.listCommittedOffsets({ topics: [{ topic: name, partitions: [0, 1, 2, 3] }] })).get(name)
  const ends = (await first.consumer.listOffsets({ topics: [name], timestamp: -1n })).get(name)
  check('commits cover every message', await eventually(async () => isDeepStrictEqual(await committed(), ends)), [await committed(), ends])
  await first.stop()
  await withProducer(producer => producer.send({ messages: [{ topic: name, partition: 3, value: 'later' }] }))
  const later = []
  const third = await member(group, name, later)
  await eventually(() => later.length > 0)
  await third.stop()
  checkEqual('a new member resumes at the commit', later.map(one => one.value), ['later'])
  check('listGroups names it', (await admin.listGroups()).has(group))
  await admin.deleteGroups({ groups: [group] })
  check('a deleted group is gone', !(await admin.listGroups()).has(group))
}

async function positions () {
  const name = await topic('positions')
  const from = BigInt(Date.now() - 60000)
  await withProducer(producer => producer.send({
    messages: Array.from({ length: 50 }, (_, at) => ({ topic: name, value: String(at), timestamp: from + BigInt(at * 1000) })) }))
  const consumer = new Consumer({ ...base, groupId: unique('platformatic.positions'), deserializers: stringDeserializers })
  const at = async timestamp => (await consumer.listOffsets({ topics: [name], timestamp })).get(name)[0]
  checkEqual('earliest', await at(-2n), 0n)
  checkEqual('latest', await at(-1n), 50n)
  checkEqual('by time', await at(from + 20500n), 21n)
  const seen = []
  const stream = await consumer.consume({ topics: [name], mode: 'manual', offsets: [{ topic: name, partition: 0, offset: 40n }], maxWaitTime: 200 })
  stream.on('data', message => seen.push(message.offset))
  await eventually(() => seen.length === 10)
  checkEqual('a stream starts where it is told', [seen[0], seen.length], [40n, 10])
  await stream.close()
  await consumer.close()
}

async function administration () {
  const name = await topic('admin', 2, [{ name: 'retention.ms', value: '43210' }])
  check('listTopics names it', (await admin.listTopics()).includes(name))
  const metadata = await admin.metadata({ topics: [name] })
  checkEqual('partitions', metadata.topics.get(name).partitionsCount, 2)
  checkEqual('one broker', metadata.brokers.size, 1)
  const [described] = await admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: name, configurationKeys: [] }] })
  checkEqual('config that was set', described.configs.find(one => one.name === 'retention.ms').value, '43210')
  checkEqual('an existing topic is refused', errorId(await refusal(() => admin.createTopics({ topics: [name], partitions: 1, replicas: 1 }))),
    'TOPIC_ALREADY_EXISTS')
  checkEqual('an invalid name is refused', errorId(await refusal(() => admin.createTopics({ topics: ['no/slash'], partitions: 1, replicas: 1 }))),
    'INVALID_TOPIC_EXCEPTION')
  await admin.createPartitions({ topics: [{ name, count: 4, assignments: null }] })
  check('createPartitions', await eventually(async () =>
    (await admin.metadata({ topics: [name], forceUpdate: true })).topics.get(name).partitionsCount === 4))
  await admin.deleteTopics({ topics: [name] })
  check('a deleted topic is gone', await eventually(async () => !(await admin.listTopics()).includes(name)))
  const quick = new Admin({ ...base, retries: 0 })
  checkEqual('deleting it again is refused', errorId(await refusal(() => quick.deleteTopics({ topics: [name] }))),
    'UNKNOWN_TOPIC_OR_PARTITION')
  await quick.close()
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
        if (!await refusal(() => producer.send({ messages: [{ topic: name, value: String(mine) }] }))) acked.push(mine)
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

await suite([records, codecs, producers, groups, positions, administration, restart], 200000)
