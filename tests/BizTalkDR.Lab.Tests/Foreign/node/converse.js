// Talks to a server with tedious: reads one JSON object from standard input, writes one to standard output.
// in:  { port, password, encrypt, tdsVersion, logins: { name: password }, conversations: [ [ { on, text, wait } ] ] }
// out: [ [ { kind, … } ] ]: what each conversation got, in order of its parts.
'use strict';
const { Connection, Request } = require('tedious');

function connect(input, login) {
  const isNumber = /^\d+$/.test(login);
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: {
      type: 'default',
      options: { userName: isNumber ? 'sa' : login, password: isNumber ? input.password : input.logins[login] },
    },
    options: {
      port: input.port,
      encrypt: input.encrypt,
      trustServerCertificate: true,
      tdsVersion: input.tdsVersion ?? '7_4',
      useUTC: true,
      requestTimeout: 60000,
      connectTimeout: 30000,
      database: 'master',
      appName: 'tedious',
    },
  });
  let number;
  connection.on('errorMessage', (m) => { number = m.number; });
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(Object.assign(error, { number })) : resolve(connection)));
  });
}

function shown(value, type) {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return '0x' + value.toString('hex').toUpperCase();
  if (value instanceof Date) {
    const iso = value.toISOString();
    if (/^Date(N)?$/.test(type)) return iso.slice(0, 10);
    if (/^Time(N)?$/.test(type)) return iso.slice(11, 23);
    return iso.slice(0, 23).replace('T', ' ');
  }
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

function run(connection, text) {
  const events = [];
  const message = (kind) => (m) => events.push({ kind, number: m.number, state: m.state, severity: m.class, text: m.message, line: m.lineNumber, procedure: m.procName });
  const onError = message('error');
  const onInfo = message('info');
  const ignored = new Set([5701, 5703]);
  const info = (m) => { if (!ignored.has(m.number)) onInfo(m); };
  connection.on('errorMessage', onError);
  connection.on('infoMessage', info);
  return new Promise((resolve) => {
    const request = new Request(text, (error) => {
      connection.removeListener('errorMessage', onError);
      connection.removeListener('infoMessage', info);
      if (error && !events.some((e) => e.kind === 'error')) events.push({ kind: 'failure', text: error.message });
      resolve(events);
    });
    request.on('columnMetadata', (columns) => events.push({
      kind: 'columns', names: columns.map((c) => c.colName), types: columns.map((c) => c.type.name + (c.dataLength ? '(' + c.dataLength + ')' : '')) }));
    request.on('row', (columns) => events.push({ kind: 'row', values: columns.map((c) => shown(c.value, c.metadata.type.name)) }));
    const done = (count) => { if (count !== undefined) events.push({ kind: 'count', count }); };
    request.on('done', done);
    request.on('doneInProc', done);
    connection.execSqlBatch(request);
  });
}

async function converse(input, parts) {
  const connections = new Map();
  const answers = [];
  try {
    const running = new Map();
    for (const part of parts) {
      if (!connections.has(part.on)) {
        const made = await connect(input, part.on).catch((error) => ({ refused: error }));
        connections.set(part.on, made);
      }
      const connection = connections.get(part.on);
      if (connection.refused) {
        const e = connection.refused;
        answers.push([{ kind: 'refused', code: e.code, number: e.number, text: e.message }]);
        continue;
      }
      await running.get(part.on);
      const answer = run(connection, part.text);
      answers.push(answer);
      running.set(part.on, answer);
      if (part.wait) await answer;
    }
    return (await Promise.all(answers)).flat();
  } finally {
    for (const connection of connections.values()) if (!connection.refused) connection.close();
  }
}

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const input = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const results = [];
  for (const parts of input.conversations) results.push(await converse(input, parts));
  process.stdout.write(JSON.stringify(results));
}

main().catch((error) => {
  process.stderr.write(error.stack + '\n');
  process.exitCode = 1;
});
