// The schema of run files in the YAML language server, which VS Code, Neovim and others use: node editor.mjs RLHF4J OUT
// OUT/node_modules has yaml-language-server (npm install --prefix OUT yaml-language-server@1.18.0). A line a check; exits 1 if one fails.
import { spawn, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const [rlhf4j, given] = process.argv.slice(2)
const out = resolve(given)
mkdirSync(out, { recursive: true })
writeFileSync(join(out, 'run.schema.json'), execFileSync(rlhf4j, ['schema'], { maxBuffer: 1 << 26 }))
const hint = '# yaml-language-server: $schema=run.schema.json\n'

const server = spawn(process.execPath, [join(out, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio'])
let buffer = Buffer.alloc(0)
let last = 0
const waiting = new Map()
const diagnostics = new Map() // by address: those that wait for it

const send = message => {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message })
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
}
const ask = (method, params) => new Promise(done => {
  waiting.set(++last, done)
  send({ id: last, method, params })
})
const settings = section => section === 'yaml'
  ? { validate: true, hover: true, completion: true, yamlVersion: '1.2', schemaStore: { enable: false }, schemas: {} }
  : section === '[yaml]' ? {} : null
server.stdout.on('data', data => {
  buffer = Buffer.concat([buffer, data])
  for (;;) {
    const end = buffer.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/Content-Length: (\d+)/.exec(buffer.subarray(0, end).toString())[1])
    if (buffer.length < end + 4 + length) return
    const message = JSON.parse(buffer.subarray(end + 4, end + 4 + length).toString())
    buffer = buffer.subarray(end + 4 + length)
    if (message.method === 'workspace/configuration') send({ id: message.id, result: message.params.items.map(item => settings(item.section)) })
    else if (message.method === 'textDocument/publishDiagnostics') diagnostics.get(message.params.uri)?.(message.params.diagnostics)
    else if (message.method && message.id !== undefined) send({ id: message.id, result: null })
    else if (message.id !== undefined) waiting.get(message.id)?.(message.result)
  }
})

let failed = 0
const check = (name, holds, detail = '') => {
  if (!holds) failed++
  console.log(`${holds ? 'ok ' : 'OUT'}  ${name.padEnd(44)} ${detail}`)
}
const open = (name, text) => new Promise(done => {
  const uri = pathToFileURL(join(out, name)).href
  writeFileSync(join(out, name), text)
  diagnostics.set(uri, found => done({ uri, found }))
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } })
})
const place = (text, at) => { // of the end of `at` in the text
  const before = text.slice(0, text.indexOf(at) + at.length).split('\n')
  return { line: before.length - 1, character: before[before.length - 1].length }
}

const root = pathToFileURL(out).href
await ask('initialize', { processId: process.pid, rootUri: root, workspaceFolders: [{ uri: root, name: 'out' }],
  capabilities: { workspace: { configuration: true }, textDocument: { completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } }, hover: { contentFormat: ['markdown'] } } } })
send({ method: 'initialized', params: {} })

const configs = join(dirname(fileURLToPath(import.meta.url)), '../../configs')
for (const file of readdirSync(configs).filter(name => name.endsWith('.yaml'))) {
  const { found } = await open(file, hint + readFileSync(join(configs, file), 'utf8'))
  check(`editor: ${file}`, found.length === 0, found.map(one => one.message).slice(0, 2).join('; '))
}
const bad = hint + 'stages:\n  a:\n    type: dpo\n    model: m\n    dataset: {path: d, limt: 3}\n    betta: 1\n    learning_rate: fast\n    batch_size: 0\n    lr_scheduler_type: cosin\n'
const { found } = await open('bad.yaml', bad)
const said = found.map(one => `${one.range.start.line}: ${one.message}`).join('\n')
check('editor: an unknown key', /betta/.test(said), found.length + ' diagnostics')
check('editor: an unknown key of a dataset', /limt/.test(said))
check('editor: a wrong type', /^7: .*number/im.test(said))
check('editor: a value out of range', /^8: .*minimum/im.test(said))
check('editor: a wrong choice', /^9: .*cosine/im.test(said))

const half = hint + 'stages:\n  a:\n    type: grpo\n    model: m\n    dataset: d\n    beta: 0.1\n    num_\n'
const { uri } = await open('half.yaml', half)
const complete = async (uri, text, at) => {
  const result = await ask('textDocument/completion', { textDocument: { uri }, position: place(text, at) })
  return (result?.items ?? result ?? []).map(item => item.label)
}
const keys = await complete(uri, half, 'num_')
check('editor: completes keys of the stage\'s type', keys.includes('num_generations') && !keys.includes('num_ppo_epochs'), keys.filter(key => key.startsWith('num')).join(', '))
const empty = hint + 'stages:\n  a:\n    type: grpo\n    model: m\n    dataset: d\n    scale_rewards: \n'
const values = await complete((await open('empty.yaml', empty)).uri, empty, 'scale_rewards: ')
check('editor: completes values', ['group', 'batch', 'none'].every(value => values.includes(value)), values.join(', '))
const bound = hint + 'stages:\n  a:\n    type: dpo\n    model: m\n    dataset: d\n    loss_type: \n'
const losses = await complete((await open('bound.yaml', bound)).uri, bound, 'loss_type: ')
check('editor: completes names that modules bind', ['sigmoid', 'ipo', 'plackett_luce'].every(name => losses.includes(name)), losses.length + ' losses')
const types = await complete(uri, half, 'type: ')
check('editor: completes types of stages', ['sft', 'dpo', 'ppo', 'grpo', 'evaluate'].every(type => types.includes(type)), types.length + ' types')
const hover = await ask('textDocument/hover', { textDocument: { uri }, position: place(half, 'bet') })
const shown = JSON.stringify(hover?.contents ?? '')
check('editor: says what a key means', /price of a nat of KL/.test(shown), shown.slice(0, 100))
server.kill()
process.exit(failed ? 1 : 0)
