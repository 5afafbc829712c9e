// columns_node.js SCHEMA: see test/checks/clients
const pg = require('pg')

const schema = process.argv[2]
const known = new Set(Object.values(pg.types.builtins))

async function main() {
	const client = new pg.Client()	// PGHOST and the like
	await client.connect()
	const relations = await client.query(
		'SELECT table_name FROM information_schema.tables WHERE table_schema = $1 ORDER BY table_name COLLATE "C"', [schema])
	for (const { table_name: relation } of relations.rows) {
		const result = await client.query(`SELECT * FROM ${schema}."${relation}" LIMIT 1`)
		for (const field of result.fields) {
			const value = result.rows.length ? result.rows[0][field.name] : null
			console.log(relation, field.name, field.dataTypeID, known.has(field.dataTypeID) ? typeof value : 'UNKNOWN')
		}
	}
	await client.end()
}

main().catch((error) => { console.error(error); process.exit(1) })
