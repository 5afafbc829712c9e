"""columns_odbc.py DRIVER SCHEMA: see test/checks/clients"""
import glob
import os
import sys
import pyodbc

driver, schema = sys.argv[1:]
pyodbc.pooling = False
connection = pyodbc.connect(
    f"DRIVER={driver};SERVER={os.environ['PGHOST']};PORT={os.environ['PGPORT']};"
    f"DATABASE={os.environ['PGDATABASE']};UID={os.environ['PGUSER']};BoolsAsChar=0;MaxLongVarcharSize=8190"
)
# What the driver makes of a type of the server; of one that it does not know, a text.
known = {
    "text": (pyodbc.SQL_VARCHAR, pyodbc.SQL_LONGVARCHAR, pyodbc.SQL_WVARCHAR, pyodbc.SQL_WLONGVARCHAR),
    "int4": (pyodbc.SQL_INTEGER,),
    "int8": (pyodbc.SQL_BIGINT,),
    "numeric": (pyodbc.SQL_NUMERIC,),
    "bool": (pyodbc.SQL_BIT,),
    "date": (pyodbc.SQL_TYPE_DATE,),
    "timestamptz": (pyodbc.SQL_TYPE_TIMESTAMP,),
}
cursor = connection.cursor()
listed = {t.table_name for t in cursor.tables(schema=schema).fetchall() if t.table_type in ("TABLE", "VIEW")}
relations = {}
for column in cursor.columns(schema=schema).fetchall():
    if column.table_name in listed:
        relations.setdefault(column.table_name, []).append(column)
for relation in sorted(relations):
    row = cursor.execute(f'SELECT * FROM {schema}."{relation}" LIMIT 1').fetchone()
    described = cursor.description
    for n, column in enumerate(relations[relation]):
        name = column.type_name
        right = column.data_type in known.get(name, ()) and described[n][0] == column.column_name
        print(relation, column.column_name, name, column.data_type if right else "UNKNOWN",
              type(row[n]).__name__ if row else "")
# The driver notes the end of a connection in a log, asked to or not.
connection.close()
for log in glob.glob(f"/tmp/psqlodbc_*{os.getpid()}.log"):
    os.remove(log)
