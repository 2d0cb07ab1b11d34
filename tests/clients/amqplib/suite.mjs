// What amqplib's users rely on: confirms, returns, acks, prefetch, routing, errors, recovery.
import { once } from 'node:events'
import { connect as open } from 'amqplib'
import { check, checkEqual, eventually, refusal, restartBroker, sleep, suite, unique } from '../lib/checks.mjs'

const connect = (query = '') => open(`amqp://guest:guest@${process.env.GODWIT_AMQP}/%2f${query}`)

/** Runs `body` with a connection whose errors are only what `body` sees. */
async function withConnection (body, query) {
  const connection = await connect(query)
  connection.on('error', () => {})
  await body(connection)
  await connection.close()
}

async function channelOf (connection, confirm = false) {
  const channel = await (confirm ? connection.createConfirmChannel() : connection.createChannel())
  channel.on('error', () => {})
  return channel
}

/** The reply code with which the broker refuses `action`, done on a channel of its own. */
async function codeOf (connection, action) {
  const channel = await channelOf(connection)
  const closed = new Promise(resolve => channel.once('error', error => resolve(error.code)))
  const error = await refusal(() => action(channel))
  return error?.code ?? await Promise.race([closed, sleep(3000).then(() => 'accepted')])
}

async function propertiesAndHeaders () {
  const queue = unique('amqplib.properties')
  await withConnection(async connection => {
    const channel = await channelOf(connection, true)
    await channel.assertQueue(queue)
    const options = {
      contentType: 'text/plain', contentEncoding: 'utf-8', deliveryMode: 2, priority: 4, correlationId: 'c', replyTo: 'r',
      expiration: '60000', messageId: 'm', timestamp: 1750000000, type: 't', userId: 'guest', appId: 'a',
      headers: { text: 'grüße', yes: true, whole: 42, real: 1.5, nothing: null, list: [1, 'two'], table: { deep: { er: 1 } } }
    }
    channel.sendToQueue(queue, Buffer.from([0, 255, 10]), options)
    await channel.waitForConfirms()
    const message = await channel.get(queue, { noAck: true })
    checkEqual('body is binary-safe', [...message.content], [0, 255, 10])
    for (const [name, value] of Object.entries(options)) checkEqual(`property ${name}`, message.properties[name], value)
    const large = Buffer.alloc(1 << 20, 'x')
    channel.sendToQueue(queue, large)
    await channel.waitForConfirms()
    check('a body of 1 MiB', large.equals((await channel.get(queue, { noAck: true })).content))
    await channel.deleteQueue(queue)
  })
}

async function confirmsAndReturns () {
  const queue = unique('amqplib.confirms')
  await withConnection(async connection => {
    const channel = await channelOf(connection, true)
    await channel.assertQueue(queue)
    let confirmed = 0
    for (let number = 0; number < 500; number++) {
      channel.sendToQueue(queue, Buffer.from(String(number)), { persistent: true }, error => { confirmed += error ? 0 : 1 })
    }
    await channel.waitForConfirms()
    checkEqual('every publish is confirmed', confirmed, 500)
    checkEqual('checkQueue counts them', (await channel.checkQueue(queue)).messageCount, 500)
    const returned = once(channel, 'return')
    channel.sendToQueue(unique('amqplib.nowhere'), Buffer.from('lost'), { mandatory: true })
    const [message] = await returned
    checkEqual('unroutable mandatory publish returns', [message.fields.replyCode, message.content.toString()], [312, 'lost'])
    await channel.waitForConfirms()
    checkEqual('purge counts what it removed', (await channel.purgeQueue(queue)).messageCount, 500)
    checkEqual('an empty queue has nothing to get', await channel.get(queue), false)
    await channel.assertQueue(unique('amqplib.full'), { maxLength: 1, overflow: 'reject-publish' })
    const fill = () => new Promise(resolve => channel.sendToQueue(unique('amqplib.full'), Buffer.from('x'), {}, resolve))
    checkEqual('a publish that fits is confirmed', await fill(), null)
    check('a publish to a full queue is nacked', await fill() instanceof Error)
    await channel.deleteQueue(unique('amqplib.full'))
    await channel.deleteQueue(queue)
  })
}

async function settling () {
  const queue = unique('amqplib.settling')
  const dead = unique('amqplib.dead')
  await withConnection(async connection => {
    const channel = await channelOf(connection, true)
    await channel.assertQueue(dead)
    await channel.assertQueue(queue, { deadLetterExchange: '', deadLetterRoutingKey: dead })
    for (const body of 'abc') channel.sendToQueue(queue, Buffer.from(body))
    await channel.waitForConfirms()
    const first = await channel.get(queue)
    channel.nack(first, false, true)
    const again = await channel.get(queue)
    checkEqual('nack requeues to the front', [again.content.toString(), again.fields.redelivered], ['a', true])
    channel.reject(again, false)
    await eventually(async () => (await channel.checkQueue(dead)).messageCount === 1)
    const letter = await channel.get(dead, { noAck: true })
    const [death] = letter.properties.headers['x-death']
    checkEqual('reject dead-letters with its reason', [letter.content.toString(), death.reason, death.queue, death.count],
      ['a', 'rejected', queue, 1])
    await channel.get(queue)
    await channel.get(queue)
    channel.nackAll(true)
    checkEqual('nackAll requeues both', (await channel.checkQueue(queue)).messageCount, 2)
    const last = [await channel.get(queue), await channel.get(queue)].map(message => message.content.toString())
    checkEqual('in order', last, ['b', 'c'])
    channel.ackAll()
    await channel.recover()
    checkEqual('acked messages do not come back', await channel.get(queue), false)
    await channel.deleteQueue(queue)
    await channel.deleteQueue(dead)
  })
}

async function competingConsumers () {
  const queue = unique('amqplib.work')
  await withConnection(async connection => {
    const channel = await channelOf(connection, true)
    await channel.assertQueue(queue)
    const counts = [0, 0]
    const seen = new Set()
    for (const index of [0, 1]) {
      const worker = await channelOf(connection)
      await worker.prefetch(5)
      await worker.consume(queue, message => {
        if (message === null) return // the queue's deletion, below
        counts[index]++
        seen.add(message.content.toString())
        setTimeout(() => worker.ack(message), 1)
      })
    }
    for (let number = 0; number < 200; number++) channel.sendToQueue(queue, Buffer.from(String(number)))
    await channel.waitForConfirms()
    check('two consumers share the work', await eventually(() => seen.size === 200), counts)
    check('both got a fair part', Math.min(...counts) >= 50 && counts[0] + counts[1] === 200, counts)
    await eventually(async () => (await channel.checkQueue(queue)).messageCount === 0)
    const limited = await channelOf(connection)
    await limited.prefetch(3)
    const held = []
    const other = unique('amqplib.window')
    await channel.assertQueue(other)
    for (let number = 0; number < 10; number++) channel.sendToQueue(other, Buffer.from(String(number)))
    await channel.waitForConfirms()
    const { consumerTag } = await limited.consume(other, message => held.push(message))
    await sleep(400)
    checkEqual('prefetch 3 delivers three', held.length, 3)
    limited.ack(held[1], true)
    await sleep(400)
    checkEqual('ack multiple lets two more in', held.length, 5)
    await limited.cancel(consumerTag)
    await limited.close()
    checkEqual('closing a channel returns its deliveries', (await channel.checkQueue(other)).messageCount, 8)
    await channel.deleteQueue(other)
    await channel.deleteQueue(queue)
  })
}

async function routing () {
  await withConnection(async connection => {
    const channel = await channelOf(connection, true)
    const queue = (await channel.assertQueue('', { exclusive: true })).queue
    const arrives = async (exchange, key, headers) => {
      channel.publish(exchange, key, Buffer.from('x'), { headers })
      await channel.waitForConfirms()
      return Boolean(await channel.get(queue, { noAck: true }))
    }
    const cases = {
      direct: ['red', undefined, [['red', {}, true], ['blue', {}, false]]],
      fanout: ['', undefined, [['anything', {}, true]]],
      topic: ['*.error.#', undefined, [['a.error', {}, true], ['a.error.b.c', {}, true], ['error', {}, false]]],
      headers: ['', { 'x-match': 'all', kind: 'a', size: 2 },
        [['', { kind: 'a', size: 2 }, true], ['', { kind: 'a' }, false]]]
    }
    for (const [kind, [pattern, args, messages]] of Object.entries(cases)) {
      const exchange = unique(`amqplib.${kind}`)
      await channel.assertExchange(exchange, kind, { durable: false })
      await channel.bindQueue(queue, exchange, pattern, args)
      for (const [key, headers, expected] of messages) {
        checkEqual(`${kind}: ${key} ${JSON.stringify(headers)}`, await arrives(exchange, key, headers), expected)
      }
      await channel.deleteExchange(exchange)
    }
    const alternate = unique('amqplib.alternate')
    await channel.assertExchange(alternate, 'fanout')
    await channel.bindQueue(queue, alternate, '')
    await channel.assertExchange(unique('amqplib.main'), 'direct', { alternateExchange: alternate })
    checkEqual('unroutable goes to the alternate exchange', await arrives(unique('amqplib.main'), 'k', {}), true)
    await channel.deleteExchange(alternate)
    await channel.deleteExchange(unique('amqplib.main'))
  })
}

async function errors () {
  const queue = unique('amqplib.errors')
  await withConnection(async connection => {
    const channel = await channelOf(connection)
    await channel.assertQueue(queue)
    checkEqual('checkQueue of a missing queue is 404', await codeOf(connection, c => c.checkQueue(unique('none'))), 404)
    checkEqual('checkExchange of a missing one is 404', await codeOf(connection, c => c.checkExchange(unique('none'))), 404)
    checkEqual('assertQueue otherwise is 406', await codeOf(connection, c => c.assertQueue(queue, { durable: false })), 406)
  })
  await withConnection(async connection => {
    const channel = await channelOf(connection, true)
    channel.sendToQueue(queue, Buffer.from('x'))
    await channel.waitForConfirms()
    checkEqual('double ack is 406', await codeOf(connection, async other => {
      const message = await other.get(queue)
      other.ack(message)
      other.ack(message)
    }), 406)
    check('the connection survives', await channel.checkQueue(queue))
    await channel.deleteQueue(queue)
  })
}

async function connectionErrors () {
  const connection = await connect()
  const closed = new Promise(resolve => connection.once('error', error => resolve(error.code)))
  const channel = await channelOf(connection)
  await refusal(() => channel.assertExchange(unique('amqplib.x'), 'no-such-type'))
  checkEqual('an unknown exchange type closes the connection, 503', await Promise.race([closed, sleep(3000)]), 503)
}

async function lifetimes () {
  await withConnection(async connection => {
    const channel = await channelOf(connection)
    const mine = unique('amqplib.exclusive')
    await channel.assertQueue(mine, { exclusive: true })
    await withConnection(async other => {
      checkEqual('exclusive elsewhere is 405', await codeOf(other, c => c.checkQueue(mine)), 405)
    })
    const temporary = unique('amqplib.temporary')
    await channel.assertQueue(temporary, { autoDelete: true })
    const { consumerTag } = await channel.consume(temporary, () => {})
    await channel.cancel(consumerTag)
    checkEqual('auto-delete goes with its last consumer', await codeOf(connection, c => c.checkQueue(temporary)), 404)
    const doomed = unique('amqplib.doomed')
    await channel.assertQueue(doomed)
    const cancelled = new Promise(resolve => channel.consume(doomed, resolve))
    await sleep(100)
    await channel.deleteQueue(doomed)
    checkEqual('a deleted queue cancels its consumer', await Promise.race([cancelled, sleep(3000)]), null)
  }, '?heartbeat=30')
}

async function heartbeats () {
  await withConnection(async connection => {
    await sleep(3500)
    const channel = await channelOf(connection)
    check('an idle connection lives on heartbeats', (await channel.assertQueue('', { exclusive: true })).queue !== '')
  }, '?heartbeat=1')
}

async function restart () {
  const queue = unique('amqplib.restart')
  await withConnection(async connection => (await channelOf(connection)).assertQueue(queue))
  const confirmed = []
  let number = 0
  let stopped = false
  const publish = async () => {
    while (!stopped) {
      const connection = await connect().catch(() => sleep(100))
      if (!connection) continue
      let open = true
      let lost
      const closed = new Promise(resolve => { lost = resolve })
      connection.on('error', () => {}).on('close', () => { open = false; lost(new Error('closed')) })
      const channel = await connection.createConfirmChannel().catch(() => undefined)
      channel?.on('error', () => {})
      while (channel && open && !stopped) {
        const mine = ++number
        const done = new Promise(resolve => {
          try {
            channel.sendToQueue(queue, Buffer.from(String(mine)), { persistent: true }, resolve)
          } catch (error) {
            resolve(error)
          }
        })
        if (await Promise.race([done, closed]) == null) confirmed.push(mine)
      }
      await connection.close().catch(() => {})
    }
  }
  const publishing = publish()
  await eventually(() => confirmed.length > 100)
  await restartBroker()
  const before = confirmed.length
  check('publishing goes on after the restart', await eventually(() => confirmed.length > before + 100, 30000))
  stopped = true
  await publishing
  await withConnection(async connection => {
    const channel = await channelOf(connection)
    const got = []
    for (let message; (message = await channel.get(queue, { noAck: true }));) got.push(Number(message.content))
    const missing = confirmed.filter(one => !got.includes(one))
    check('nothing confirmed is lost', missing.length === 0, missing)
    check('order is kept across the restart', got.every((one, index) => index === 0 || got[index - 1] < one), got)
    await channel.deleteQueue(queue)
  })
}

await suite([propertiesAndHeaders, confirmsAndReturns, settling, competingConsumers, routing, errors, connectionErrors, lifetimes,
  heartbeats, restart])
