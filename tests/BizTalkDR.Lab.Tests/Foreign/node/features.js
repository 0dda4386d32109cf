// Goes through what tedious and mssql can ask of a server besides plain batches: reads { port, password } from standard input, writes { name: result }.
'use strict';
const { Connection, Request, TYPES, ISOLATION_LEVEL } = require('tedious');
const sql = require('mssql');

function connect(input, options) {
  const connection = new Connection({
    server: '127.0.0.1',
    authentication: { type: 'default', options: { userName: 'sa', password: input.password } },
    options: { port: input.port, encrypt: true, trustServerCertificate: true, useUTC: true, requestTimeout: 60000, database: 'tempdb', ...options },
  });
  return new Promise((resolve, reject) => connection.connect((e) => (e ? reject(e) : resolve(connection))));
}

function ask(connection, how, text, fill) {
  return new Promise((resolve) => {
    const result = { rows: [], outputs: {} };
    const request = new Request(text, (error) => {
      if (error) result.error = { number: error.number, code: error.code };
      resolve(result);
    });
    request.on('row', (columns) => result.rows.push(columns.map((c) => (Buffer.isBuffer(c.value) ? c.value.toString('hex') : c.value))));
    request.on('returnValue', (name, value) => { result.outputs[name] = value; });
    request.on('doneProc', (count, more, status) => { result.status = status; });
    if (fill) fill(request);
    connection[how](request);
  });
}

const call = (connection, method, ...args) => new Promise((resolve, reject) => connection[method]((e) => (e ? reject(e) : resolve()), ...args));

const features = {
  async parameters(input) {
    const c = await connect(input);
    const r = await ask(c, 'execSql', 'SELECT @i, @b, @n, @v, @d, @f, @t, @o, @g, @x, @z, @m', (q) => {
      q.addParameter('i', TYPES.Int, -7);
      q.addParameter('b', TYPES.BigInt, '9007199254740993');
      q.addParameter('n', TYPES.NVarChar, 'äß€');
      q.addParameter('v', TYPES.VarChar, 'x'.repeat(9000));
      q.addParameter('d', TYPES.Decimal, 12.34, { precision: 10, scale: 2 });
      q.addParameter('f', TYPES.Float, 1.5);
      q.addParameter('t', TYPES.DateTime2, new Date(Date.UTC(2026, 10, 21, 10, 11, 12, 345)));
      q.addParameter('o', TYPES.DateTimeOffset, new Date(Date.UTC(2026, 10, 21, 10, 11, 12)));
      q.addParameter('g', TYPES.UniqueIdentifier, '6F9619FF-8B86-D011-B42D-00C04FC964FF');
      q.addParameter('x', TYPES.VarBinary, Buffer.from([1, 2, 255]));
      q.addParameter('z', TYPES.NVarChar, null);
      q.addParameter('m', TYPES.Money, 1.25);
    });
    c.close();
    r.rows[0][3] = r.rows[0][3].length;
    return r.rows[0].map((v) => (v instanceof Date ? v.toISOString() : v));
  },
  async prepared(input) {
    const c = await connect(input);
    const results = [];
    const request = new Request('SELECT @a + 1', () => {});
    request.addParameter('a', TYPES.Int);
    await new Promise((resolve, reject) => { request.callback = (e) => (e ? reject(e) : resolve()); request.on('prepared', resolve); c.prepare(request); });
    for (const a of [1, 41]) {
      await new Promise((resolve, reject) => {
        request.callback = (e) => (e ? reject(e) : resolve());
        request.removeAllListeners('row');
        request.on('row', (columns) => results.push(columns[0].value));
        c.execute(request, { a });
      });
    }
    await new Promise((resolve, reject) => { request.callback = (e) => (e ? reject(e) : resolve()); c.unprepare(request); });
    const gone = await ask(c, 'callProcedure', 'sp_execute', (q) => q.addParameter('handle', TYPES.Int, 4711));
    c.close();
    return { results, unknownHandle: gone.error?.number };
  },
  async procedure(input) {
    const c = await connect(input);
    await ask(c, 'execSqlBatch', 'CREATE PROCEDURE dbo.lab_feature @in int, @out nvarchar(20) OUTPUT AS BEGIN SET @out = CONCAT(N\'got \', @in); SELECT @in * 2; RETURN 5; END');
    const r = await ask(c, 'callProcedure', 'dbo.lab_feature', (q) => { q.addParameter('in', TYPES.Int, 21); q.addOutputParameter('out', TYPES.NVarChar, null, { length: 20 }); });
    const missing = await ask(c, 'callProcedure', 'dbo.nosuch');
    c.close();
    return { rows: r.rows, out: r.outputs.out, status: r.status, missing: missing.error?.number };
  },
  async transactions(input) {
    const c = await connect(input);
    await ask(c, 'execSqlBatch', 'CREATE TABLE #t (i int)');
    const count = async () => (await ask(c, 'execSqlBatch', 'SELECT COUNT(*), @@TRANCOUNT FROM #t')).rows[0];
    const seen = [];
    await call(c, 'beginTransaction', 'one', ISOLATION_LEVEL.READ_COMMITTED);
    await ask(c, 'execSqlBatch', 'INSERT INTO #t VALUES (1)');
    await call(c, 'saveTransaction', 'point');
    await ask(c, 'execSqlBatch', 'INSERT INTO #t VALUES (2)');
    seen.push(await count());
    await call(c, 'rollbackTransaction', 'point');
    seen.push(await count());
    await call(c, 'commitTransaction');
    seen.push(await count());
    await call(c, 'beginTransaction');
    await ask(c, 'execSqlBatch', 'DELETE FROM #t');
    await call(c, 'rollbackTransaction');
    seen.push(await count());
    c.close();
    return seen;
  },
  async cancel(input) {
    const c = await connect(input);
    const waiting = new Promise((resolve) => {
      const request = new Request("PRINT 'begun'; WAITFOR DELAY '00:05:00'", (e) => resolve(e?.code));
      c.once('infoMessage', () => c.cancel());
      c.execSqlBatch(request);
    });
    const code = await waiting;
    const after = await ask(c, 'execSqlBatch', 'SELECT 1');
    c.close();
    return { code, after: after.rows };
  },
  async reset(input) {
    const c = await connect(input);
    await ask(c, 'execSqlBatch', 'CREATE TABLE #gone (i int); SET DATEFIRST 1');
    await call(c, 'reset');
    const r = await ask(c, 'execSqlBatch', "SELECT @@DATEFIRST, OBJECT_ID('tempdb..#gone')");
    c.close();
    return r.rows[0];
  },
  async bulk(input) {
    const c = await connect(input);
    await ask(c, 'execSqlBatch', 'CREATE TABLE #bulk (i int)');
    const error = await new Promise((resolve) => {
      const load = c.newBulkLoad('#bulk', (e) => resolve(e?.number ?? e?.code ?? 'loaded'));
      load.addColumn('i', TYPES.Int, { nullable: true });
      c.execBulkLoad(load, [[1], [2]]);
    });
    const after = await ask(c, 'execSqlBatch', 'SELECT COUNT(*) FROM #bulk');
    c.close();
    return { error, after: after.rows };
  },
  async versions(input) {
    const seen = {};
    for (const tdsVersion of ['7_1', '7_2', '7_3_A', '7_3_B', '7_4']) {
      for (const encrypt of [true, false]) {
        const c = await connect(input, { tdsVersion, encrypt });
        const r = await ask(c, 'execSqlBatch', "SELECT 1, N'äß€', CAST('2026-11-21' AS date), CAST(N'long' AS nvarchar(max)), NULL");
        c.close();
        const row = r.rows[0].map((v) => (v instanceof Date ? v.toISOString().slice(0, 10) : v));
        seen[tdsVersion + (encrypt ? ' encrypted' : ' plain')] = row.join('|');
      }
    }
    return seen;
  },
  async pool(input) {
    const pool = await new sql.ConnectionPool({
      server: '127.0.0.1', port: input.port, user: 'sa', password: input.password, database: 'tempdb',
      pool: { max: 4, min: 0 }, options: { encrypt: true, trustServerCertificate: true },
    }).connect();
    const rows = await Promise.all(Array.from({ length: 20 }, (_, i) => pool.request().input('i', sql.Int, i).query('SELECT @i * 2 AS doubled')));
    const transaction = new sql.Transaction(pool);
    await transaction.begin();
    await new sql.Request(transaction).query('CREATE TABLE ##pooled (i int)');
    await transaction.rollback();
    const gone = await pool.request().query("SELECT OBJECT_ID('tempdb..##pooled') AS id");
    const failed = await pool.request().query('SELECT * FROM nosuch').catch((e) => e.number);
    await pool.close();
    return { sum: rows.reduce((s, r) => s + r.recordset[0].doubled, 0), gone: gone.recordset[0].id, failed };
  },
};

async function main() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const input = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  const results = {};
  for (const name of input.features ?? Object.keys(features)) {
    try {
      results[name] = await features[name](input);
    } catch (error) {
      results[name] = { thrown: String(error.message ?? error), stack: error.stack };
    }
  }
  process.stdout.write(JSON.stringify(results));
}

main().then(() => process.exit(0), (error) => {
  process.stderr.write(error.stack + '\n');
  process.exit(1);
});
