// bench/duckdb.mjs: DuckDB in memory, told what to do by bench/run.
// A line of input is a number of threads, a tab and a statement; the answer is
// the time in milliseconds, a tab, and the values of the first row.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const { DuckDBInstance } = createRequire(process.argv[2] + '/')('@duckdb/node-api');
const connection = await (await DuckDBInstance.create(':memory:')).connect();
let threads = '';

for await (const line of createInterface({ input: process.stdin })) {
	const [n, sql] = line.split('\t');
	try {
		if (n !== threads)
			await connection.run(`SET threads = ${n}`);
		threads = n;
		const start = process.hrtime.bigint();
		const result = await connection.runAndReadAll(sql);
		const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
		console.log(`${elapsed.toFixed(3)}\t${(result.getRows()[0] ?? []).join(' ')}`);
	} catch (error) {
		console.log(`error\t${error.message.split('\n')[0]}`);
	}
}
