-- bench/report.sql: the report of bench/run, from its files times, memory and
-- machine in :dir.  The data of the first key and share are the base.

\set ON_ERROR_STOP on
CREATE TEMP TABLE times (
	rows bigint, key text, share int, grp text, engine text, procs int,
	name text, plan int, jit text, ms numeric
);
CREATE TEMP TABLE memory (rows bigint, key text, share int, borrowers bigint, floor bigint, refs bigint, count bigint);
\set from '\'' :dir '/times\''
COPY times FROM :from;
\set from '\'' :dir '/memory\''
COPY memory FROM :from;
\set machine `cat "$BENCH_DIR/machine"`

CREATE TEMP TABLE med AS
SELECT rows, key, share, grp, engine, procs, name, min(plan) AS plan, string_agg(DISTINCT jit, '/') AS jit,
	   count(*) AS n, min(ms) AS low, max(ms) AS high,
	   percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric AS ms
FROM times GROUP BY 1, 2, 3, 4, 5, 6, 7;

-- For each data set and number of processes: what the ratios refer to.
CREATE TEMP TABLE side AS
SELECT rows, key, share, procs, key = :'key' AND share = :share AS base,
	   min(ms) FILTER (WHERE grp = 'floor' AND engine = 'pg') AS floor,
	   min(ms) FILTER (WHERE grp = 'floor-off') AS floor_off,
	   min(ms) FILTER (WHERE grp = 'floor-utf8') AS floor_utf8,
	   min(ms) FILTER (WHERE grp = 'floor-utf8-off') AS floor_utf8_off,
	   min(ms) FILTER (WHERE grp IN ('refs', 'refs-off')) AS refs,
	   min(ms) FILTER (WHERE grp = 'refs') AS refs_jit,
	   min(ms) FILTER (WHERE grp = 'refs-off') AS refs_off,
	   min(ms) FILTER (WHERE grp = 'refs-utf8') AS refs_utf8,
	   min(ms) FILTER (WHERE grp = 'refs-utf8-off') AS refs_utf8_off,
	   min(ms) FILTER (WHERE grp = 'count') AS count,
	   min(ms) FILTER (WHERE grp = 'plain') AS plain,
	   min(ms) FILTER (WHERE grp IN ('plain', 'plain-other')) AS any_plain,
	   min(ms) FILTER (WHERE grp = 'duck') AS duck,
	   min(ms) FILTER (WHERE grp = 'duck-sorted') AS duck_sorted,
	   min(ms) FILTER (WHERE grp = 'duck-count') AS duck_count
FROM med GROUP BY 1, 2, 3, 4;

CREATE FUNCTION pg_temp.s(ms numeric) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN ms < 10000 THEN round(ms / 1000, 3) ELSE round(ms / 1000, 2) END::text
$$;
CREATE FUNCTION pg_temp.set(rows bigint, key text, share int) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s million rows, %s keys, %s borrowers', rows / 1000000, key,
				  CASE WHEN rows / share >= 1000000 THEN trim_scale(round(rows / share / 1e6, 2)) || ' million'
					   ELSE (rows / share)::text END)
$$;

\echo '# Benchmark'
\echo
\echo 'Written by `bench/run`. Seconds; the median of n runs on data in memory, in turn with all others,'
\echo 'in a new order each time, the floor and `first_loan_refs` next to each other. Before each run as much'
\echo 'free memory as the forms need is made to be at hand: this counts on virtual machines, which give free'
\echo 'memory back to their host. What one process does alone is done by the last processor.'
\echo
\echo '```'
\echo :machine
\echo '```'
\echo
\echo '## Goals'
\echo
\echo '| goal, on the largest base data | processes | measured | |'
\echo '| --- | --- | --- | --- |'
WITH top AS (SELECT * FROM side WHERE base AND rows = (SELECT max(rows) FROM side)),
goal AS (
	SELECT 1 AS o, '`first_loan_refs` at most 1.35 x the floor' AS what, procs, refs_jit / floor AS ratio, refs_jit / floor <= 1.35 AS met FROM top
	UNION ALL
	SELECT 2, 'the same, both without JIT', procs, refs_off / floor_off, refs_off / floor_off <= 1.35 FROM top
	UNION ALL
	SELECT 3, 'the same in collation C.utf8, not C', procs, refs_utf8 / floor_utf8, refs_utf8 / floor_utf8 <= 1.35 FROM top
	UNION ALL
	SELECT 4, 'the same in collation C.utf8, both without JIT', procs, refs_utf8_off / floor_utf8_off, refs_utf8_off / floor_utf8_off <= 1.35 FROM top
	UNION ALL
	SELECT 5, 'usual forms of plain SQL at least 6 x slower, best of both numbers of processes against its own', procs, plain / refs, plain / refs >= 6 FROM top
	UNION ALL
	SELECT 6, 'DuckDB slower, sorted array as here', procs, duck_sorted / refs, duck_sorted > refs FROM top
	UNION ALL
	SELECT 7, 'DuckDB slower, even where its list is not sorted', procs, duck / refs, duck > refs FROM top
	UNION ALL
	SELECT 8, 'DuckDB slower, `first_loan_count`', procs, duck_count / count, duck_count > count FROM top
	UNION ALL
	SELECT 9, format('time per row, %s million rows to %s million', max(rows) / 1000000, min(rows) / 1000000), procs,
		   max(refs / rows) FILTER (WHERE rows = top_rows) / max(refs / rows) FILTER (WHERE rows = low_rows),
		   max(refs / rows) FILTER (WHERE rows = top_rows) / max(refs / rows) FILTER (WHERE rows = low_rows) <= 1.15
	FROM (SELECT *, max(rows) OVER () AS top_rows, min(rows) OVER () AS low_rows FROM side WHERE base) s
	WHERE top_rows <> low_rows GROUP BY procs
	UNION ALL
	SELECT 10, format('growth from 1/%s borrowers to 1/%s, against DuckDB''s', share, low_share), procs, ratio, ratio <= 1
	FROM (SELECT procs, high_share AS share, low_share,
				 (max(refs) FILTER (WHERE share = low_share) / max(refs) FILTER (WHERE share = high_share))
				 / (max(duck_sorted) FILTER (WHERE share = low_share) / max(duck_sorted) FILTER (WHERE share = high_share)) AS ratio
		  FROM (SELECT *, max(share) OVER () AS high_share, min(share) OVER () AS low_share
				FROM side WHERE key = :'key' AND rows = (SELECT max(rows) FROM side)) s
		  WHERE high_share <> low_share GROUP BY 1, 2, 3) g
	
)
SELECT format('| %s | %s | %s | %s |', what, procs, round(ratio, 2), CASE WHEN met THEN 'met' ELSE 'missed' END)
FROM goal WHERE ratio IS NOT NULL ORDER BY o, procs;

\echo
\echo '## Times'
\echo
\echo '`to floor`: to PostgreSQL''s scan by as many processes, which looks at the same columns.'
\echo '`to ours`: to `first_loan_refs`, or to `first_loan_count` where institutions are counted.'
\echo 'A form that its rival beats in a first run, and a very slow one, runs once (n = 1).'
\echo 'Plain SQL and unsorted lists do less than `first_loan_refs`, whose array is sorted.'
SELECT CASE line WHEN 1 THEN E'\n### ' || pg_temp.set(rows, key, share) || E'\n'
				 WHEN 2 THEN '| | processes | n | median | lowest, highest | to floor | to ours |'
				 WHEN 3 THEN '| --- | --- | --- | --- | --- | --- | --- |'
	   ELSE format('| %s%s | %s%s | %s | %s | %s, %s | %s | %s |',
				   CASE WHEN grp LIKE 'floor%' THEN 'floor: ' WHEN grp = 'plain-other' THEN 'other SQL: ' WHEN grp LIKE 'plain%' THEN 'plain SQL: '
						WHEN grp LIKE 'duck-sorted%' THEN 'sorted: ' WHEN grp = 'duck-count' THEN 'counted: ' WHEN grp LIKE 'duck%' THEN 'not sorted: '
						ELSE '' END
				   || CASE engine WHEN 'duckdb' THEN 'DuckDB, ' WHEN 'sqlite' THEN 'SQLite, ' ELSE '' END,
				   replace(name, '|', '\|') || CASE WHEN jit = 'on' THEN ' (jit)' ELSE '' END,
				   procs, CASE WHEN plan < procs THEN ' (plan: 1)' ELSE '' END, n,
				   pg_temp.s(ms), pg_temp.s(low), pg_temp.s(high), round(ms / floor, 2),
				   round(ms / CASE WHEN grp IN ('count', 'duck-count') THEN count ELSE refs END, 2))
	   END
FROM (SELECT DISTINCT rows, key, share, line, NULL::text AS grp, '' AS engine, 0 AS procs, '' AS name, 0 AS plan, '' AS jit,
			 0::bigint AS n, 0.0 AS ms, 0.0 AS low, 0.0 AS high, 0.0 AS floor, 1.0 AS refs, 1.0 AS count
	  FROM med, generate_series(1, 3) AS line
	  UNION ALL
	  SELECT rows, key, share, 4, grp, engine, procs, name, plan, jit, n, ms, low, high, floor, refs, count
	  FROM med JOIN side USING (rows, key, share, procs)) t
ORDER BY key <> :'key' OR share <> :share, key <> :'key', share, rows, line,
		 engine <> 'pg', engine,
		 array_position('{floor,floor-off,floor-utf8,floor-utf8-off,refs,refs-off,refs-utf8,refs-utf8-off,count,plain,plain-sorted,plain-other,duck-sorted,duck-sorted-other,duck,duck-other,duck-count,sqlite,sqlite-other}', grp), procs, ms;

\echo
\echo '## Nanoseconds per row'
\echo
\echo '| data | processes | floor | first_loan_refs | first_loan_count | best plain SQL | DuckDB, sorted | DuckDB, not sorted |'
\echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
SELECT format('| %s | %s | %s | %s | %s | %s | %s | %s |', pg_temp.set(rows, key, share), procs,
			  round(floor * 1e6 / rows), round(refs * 1e6 / rows), round(count * 1e6 / rows), round(plain * 1e6 / rows),
			  round(duck_sorted * 1e6 / rows), round(duck * 1e6 / rows))
FROM side ORDER BY procs, NOT base, key <> :'key', share, rows;

\echo
\echo '## Memory'
\echo
\echo 'Peak of a new backend (VmHWM, one process), less that of one that ran the floor, by borrower. The result'
\echo 'array (8 bytes) and the room to sort it are in it.'
\echo
\echo '| data | first_loan_refs | bytes by borrower | first_loan_count | bytes by borrower |'
\echo '| --- | --- | --- | --- | --- |'
SELECT format('| %s | %s MB | %s | %s MB | %s |', pg_temp.set(rows, key, share),
			  (refs - floor) / 1048576, round((refs - floor)::numeric / borrowers, 1),
			  (count - floor) / 1048576, round((count - floor)::numeric / borrowers, 1))
FROM memory ORDER BY key <> :'key' OR share <> :share, key <> :'key', share, rows;
