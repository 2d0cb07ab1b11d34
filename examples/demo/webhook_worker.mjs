// A worker: consumes the queues named on its command line until its standard input closes. It prints `ready`, and then
// `handled QUEUE` or `rejected QUEUE` for each message that it settled.
import { connect } from 'amqplib'

/** Why this payload cannot be handled; webhook_work.py has the same rule. */
function cannotHandle (payload) {
  if (!payload.repository) return 'no repository'
  if (!payload.sender?.login) return 'no sender'
}

const connection = await connect(`amqp://guest:guest@${process.env.GODWIT_AMQP}`)
const channel = await connection.createChannel()
await channel.prefetch(5)
for (const queue of process.argv.slice(2)) {
  await channel.consume(queue, message => {
    const refused = cannotHandle(JSON.parse(message.content))
    if (refused) {
      channel.reject(message, false)
    } else {
      channel.ack(message)
    }
    console.log(refused ? 'rejected' : 'handled', queue)
  })
}
console.log('ready')
for await (const _ of process.stdin);
await connection.close()
