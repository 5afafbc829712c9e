-- All that stored.sql stored, as text, to be compared between two servers: each
-- value as text, as it is sent, and what is read from it; what the indexes find;
-- every relation of the monitor.  Lines "bytes: ..." show how it is stored.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SET search_path = public, first_loan;

SELECT 'no stored value of type ' || t.typname FROM pg_type t JOIN pg_depend d ON d.objid = t.oid AND d.classid = 'pg_type'::regclass AND d.deptype = 'e'
WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'first_loan') AND t.typtype IN ('b', 'e', 'c') AND t.typcategory <> 'A'
	AND t.oid NOT IN (SELECT atttypid FROM pg_attribute WHERE attrelid = 'typed'::regclass AND attnum > 0);
SELECT what, left(s::text, 1000), md5(s::text), s_answers, left(r::text, 1000), md5(r::text), r_answers, u, l, c, e, o, k FROM kept ORDER BY what COLLATE "C";
SELECT what, h, hs, ls, us FROM typed WHERE h IS NOT NULL OR hs IS NOT NULL;
SELECT t FROM typed t WHERE what = 'sums';
SELECT what, md5(first_loan_set_send(s)), md5(credit_report_send(r)), uscc_send(u), loan_security_send(l), enum_send(c), enum_send(e), enum_send(o), enum_send(k),
	record_send(h) FROM typed ORDER BY what COLLATE "C";
SELECT 'bytes: ' || what, md5(s_bytes::text), r_bytes, u_bytes, l_bytes FROM kept ORDER BY what COLLATE "C";
-- arrays are sent with the number of their type
SELECT 'bytes: ' || what, array_send(hs), array_send(ls), array_send(us) FROM typed WHERE what = 'composite';
SELECT count(*), sum(n), md5(string_agg(k::text, ',' ORDER BY n)) FROM keyed k;
SELECT * FROM unkeyed ORDER BY u, l, r, e;

-- what was stored merges with what is made now
SELECT what, cardinality(m), md5(m::text), m = s FROM typed, LATERAL (SELECT merge(x) AS m
	FROM unnest(ARRAY[s, CASE what WHEN 'integer' THEN (SELECT first_loan_set(i % 40, date '2024-01-03' + i % 7, i::smallint) FROM generate_series(1, 99) i)
		WHEN 'short text' THEN (SELECT first_loan_set('户 ' || i, date '2024-01-02', '借据 "' || i || '"') FROM generate_series(1, 30) i) END]) x) y
WHERE s IS NOT NULL ORDER BY what COLLATE "C";

-- the indexes, and the same without them
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT what FROM typed WHERE u = '91350000151842711F' AND us IS NULL;
SELECT what FROM typed WHERE l = 'mortgage+pledge';
SELECT what FROM typed WHERE r = '{"report_date": "2024-05-31"}' ORDER BY what COLLATE "C";
SELECT u FROM typed WHERE u IS NOT NULL ORDER BY u;
SELECT l FROM typed WHERE l > 'none' ORDER BY l;
SELECT n FROM keyed WHERE u = '91350500MA00007919' ORDER BY n;
SELECT count(*) FROM keyed a JOIN keyed b USING (u, l, c);
RESET enable_seqscan;
RESET enable_bitmapscan;

SELECT format('SELECT %L, count(*), md5(string_agg(t::text, '','' ORDER BY t::text COLLATE "C")) FROM fl.%I t;', relname, relname)
FROM pg_class WHERE relnamespace = to_regnamespace('fl') AND relkind IN ('r', 'v') ORDER BY relname \gexec
SELECT 'SELECT * FROM first_loan.bulletin(''fl'', ''2025Q3'');' WHERE to_regnamespace('fl') IS NOT NULL \gexec
SELECT 'SELECT publication, digest = first_loan.publication_digest(''fl'', publication) FROM fl.publications ORDER BY 1;' WHERE to_regnamespace('fl') IS NOT NULL \gexec
