"""columns_psycopg.py SCHEMA: see test/checks/clients"""
import sys
import psycopg2
from psycopg2.extensions import string_types

schema = sys.argv[1]
connection = psycopg2.connect("")		# PGHOST and the like
cursor = connection.cursor()
cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (schema,))
for relation in sorted(row[0] for row in cursor.fetchall()):
    cursor.execute(f'SELECT * FROM {schema}."{relation}" LIMIT 1')
    row = cursor.fetchone()
    for column, value in zip(cursor.description, row or [None] * len(cursor.description)):
        caster = string_types.get(column.type_code)
        print(relation, column.name, column.type_code, caster.name if caster else "UNKNOWN", type(value).__name__)
