// Counts a suite's checks: one line each, `N passed, N failed` at the end.
import { exec } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual, promisify } from 'node:util'

const run = randomBytes(4).toString('hex')
let passed = 0
let failed = 0

export function check (name, holds, detail = '') {
  if (holds) {
    passed++
    console.log(`ok    ${name}`)
  } else {
    failed++
    console.log(`FAIL  ${name}: ${typeof detail === 'string' ? detail : show(detail)}`)
  }
}

export function checkEqual (name, got, expected) {
  check(name, isDeepStrictEqual(got, expected), `got ${show(got)}, expected ${show(expected)}`)
}

function show (value) {
  return JSON.stringify(value, (_, inner) => typeof inner === 'bigint' ? `${inner}n` : inner)
}

/** Awaits what must be refused; answers the error, or undefined when it was accepted. */
export async function refusal (action) {
  try {
    await action()
  } catch (error) {
    return error
  }
}

export const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Answers whether `condition` came true in time. */
export async function eventually (condition, timeout = 15000) {
  const deadline = Date.now() + timeout
  while (!await condition()) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/** A name that no earlier run has used, so that a suite can run twice on one broker. */
export const unique = name => `${name}-${run}`

export const restartBroker = () => promisify(exec)(process.env.GODWIT_RESTART)

/** Runs the suite's sections in order; an error fails its section, hanging fails the suite. */
export async function suite (sections, limit = 150000) {
  const finish = () => {
    console.log(`${passed} passed, ${failed} failed`)
    process.exit(failed > 0 || passed === 0 ? 1 : 0)
  }
  setTimeout(() => {
    check(`the suite ends within ${limit / 1000} s`, false)
    finish()
  }, limit)
  process.on('unhandledRejection', error => check('no unhandled rejection', false, String(error?.stack ?? error)))
  for (const section of sections) {
    try {
      await section()
    } catch (error) {
      check(section.name, false, String(error?.stack ?? error))
    }
  }
  finish()
}
