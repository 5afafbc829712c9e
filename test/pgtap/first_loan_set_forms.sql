-- Sets of several partitions hold narrow entries until a key comes that is not
-- narrow: of whatever form, and whenever it comes, the members are the same.
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only true
\pset pager off
BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;
SET LOCAL max_parallel_workers_per_gather = 0;

SELECT plan(70);

-- 6,000 codes of 18 characters, which use all that six bits can hold outside of the
-- division, and 0 to ? within, in two loans or three each.
CREATE TABLE code AS
SELECT i, chr(48 + i % 64) || chr(48 + i / 64 % 64) ||
	   (SELECT string_agg(chr(48 + (hashint8extended(i, p) & 15)::int), '' ORDER BY p) FROM generate_series(3, 8) p) ||
	   (SELECT string_agg(chr(48 + (hashint8extended(i, p) & 63)::int), '' ORDER BY p) FROM generate_series(9, 18) p) AS b
FROM generate_series(1, 6000) i;
CREATE TABLE loan AS
SELECT row_number() OVER () AS no, i, b, date '2010-01-01' + (hashint8extended(i, j) & 4095)::int AS d, hashint8extended(i, j + 100) AS r
FROM code, generate_series(1, 3) j WHERE j < 3 OR i % 4 = 0;

-- Keys that are not narrow, and some at the edge that are
CREATE TABLE odd AS
SELECT row_number() OVER () AS k, b FROM (
	SELECT overlay('91350503MA12345678' PLACING c FROM p FOR 1) AS b
	FROM generate_series(1, 18) p, unnest('{0,9,:,?,@,O,P,_,`,o,p,/,é}'::text[]) c
	UNION SELECT left('913505001234567890AB长CDEFGHIJ', n) FROM generate_series(0, 30) n) x;

CREATE FUNCTION pg_temp.value(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text; BEGIN EXECUTE query INTO STRICT result; RETURN result; END $$;

-- What plain SQL says: each borrower's first (d, r)
CREATE FUNCTION pg_temp.plain(rows text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.value(format('SELECT count(*) || md5(string_agg(b || d || r, chr(10) ORDER BY d, r, b COLLATE "C")) FROM '
		'(SELECT DISTINCT ON (b) b::text AS b, d, r FROM (%s) x ORDER BY b, d, r) f', rows))
$$;
CREATE FUNCTION pg_temp.members_of(s first_loan_set) RETURNS text LANGUAGE sql AS $$
	SELECT count(*) || md5(string_agg(borrower || granted_on || ref, chr(10) ORDER BY granted_on, ref::bigint, borrower COLLATE "C")) FROM members(s)
$$;
CREATE FUNCTION pg_temp.aggregated(rows text) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.value(format('SELECT pg_temp.members_of(first_loan_set(b, d, r ORDER BY no)) FROM (%s) x', rows))
$$;

SELECT is(pg_temp.aggregated(q), pg_temp.plain(q), 'codes')
FROM (VALUES ('SELECT no, b, d, r FROM loan')) v(q);

-- One odd key in so many, at the beginning, at the end and between; and all of them
SELECT is(pg_temp.aggregated(q), pg_temp.plain(q), 'all odd keys, at ' || at)
FROM unnest('{-1,9000,99999}'::int[]) at,
	 format('SELECT no, b, d, r FROM loan UNION ALL SELECT %s, b, date ''2012-03-04'' + k::int, k FROM odd', at) q;
SELECT is(count(b), 0::bigint, 'one odd key, at ' || at || ': ' || coalesce(string_agg(b, ', '), 'every one'))
FROM (SELECT at, b
	  FROM unnest('{-1,9000,99999}'::int[]) at, odd,
		   format('SELECT no, b, d, r FROM loan WHERE i <= 4500 UNION ALL SELECT %s, %L, date ''2012-03-04'', %s', at, b, k) q
	  WHERE pg_temp.aggregated(q) <> pg_temp.plain(q)) wrong RIGHT JOIN unnest('{-1,9000,99999}'::int[]) at USING (at)
GROUP BY at ORDER BY at;

-- A reference that is unknown, and institutions
SELECT is(pg_temp.value('SELECT md5(first_loan_set(b, d, r ORDER BY no)::text) FROM (SELECT no, b, d, r FROM loan UNION ALL SELECT 9000, ''x'', ''2012-03-04'', NULL) x'),
	pg_temp.value('SELECT md5(first_loan_set(b, d, r ORDER BY no)::text) FROM (SELECT no, b, d, r FROM loan UNION ALL SELECT -1, ''x'', ''2012-03-04'', NULL) x'),
	'an unknown reference, late and early');
SELECT is(pg_temp.value('SELECT md5(first_loan_count(b, d, ''Bank '' || r % 7, r)::text) FROM loan'),
	pg_temp.value('SELECT md5(array_agg((i, n)::institution_households ORDER BY i)::text) FROM '
		'(SELECT i, count(*) AS n FROM (SELECT DISTINCT ON (b) ''Bank '' || r % 7 AS i FROM loan ORDER BY b, d, r) f GROUP BY i) x'),
	'institutions');

-- Other types, to their ends
CREATE FUNCTION pg_temp.check_type(type text, rows text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT is(pg_temp.aggregated(rows), pg_temp.plain(rows), type);
	RETURN NEXT is(pg_temp.value(format('WITH x AS (%s) SELECT pg_temp.members_of(merge(s)) FROM (SELECT first_loan_set(b, d, r) AS s FROM x GROUP BY no %% 3) y', rows)),
		pg_temp.plain(rows), type || ', merged');
END $$;
SELECT pg_temp.check_type('uscc', $$SELECT no, ('91350500MA' || lpad(i::text, 8, '0'))::uscc AS b, d, r FROM loan$$);
SELECT pg_temp.check_type('int8', 'SELECT no, hashint8extended(i, 1) AS b, d, r FROM loan UNION ALL SELECT 9000, 9223372036854775807, ''4713-01-01 BC'', -9223372036854775808 UNION ALL SELECT 1, -9223372036854775808, ''5874897-12-31'', 9223372036854775807 UNION ALL SELECT 2, 0, ''2000-01-01'', 0');
SELECT pg_temp.check_type('int4', 'SELECT no, hashint4(i) AS b, d, r FROM loan UNION ALL SELECT 9000, 2147483647, ''4713-01-01 BC'', 1 UNION ALL SELECT 1, -2147483648, ''5874897-12-31'', 1');
SELECT pg_temp.check_type('int2', 'SELECT no, (i * 5 - 15000)::int2 AS b, d, r FROM loan');
SELECT pg_temp.check_type('date', 'SELECT no, date ''1999-01-01'' + i AS b, d, r FROM loan');
SELECT pg_temp.check_type('uuid', 'SELECT no, md5(i::text)::uuid AS b, d, r FROM loan');
SELECT pg_temp.check_type('references of int4', 'SELECT no, b, d, (r >> 32)::int4 AS r FROM loan');

-- Merged in any order: sets of narrow entries, of wide ones, large and small
CREATE TABLE source (k serial, what text, rows text);
INSERT INTO source (what, rows) VALUES
	('narrow', 'SELECT no, b, d, r FROM loan WHERE no % 2 = 0'),
	('narrow, larger', 'SELECT no, b, d, r FROM loan WHERE i > 1000'),
	('wide', 'SELECT no, b, d, r FROM loan WHERE i < 4800 UNION ALL SELECT 0, b, date ''2012-03-04'' + k::int, k FROM odd'),
	('small', 'SELECT no, b, d, r FROM loan WHERE i % 100 = 7'),
	('small and odd', 'SELECT k AS no, b, date ''2012-03-04'' - k::int AS d, k AS r FROM odd'),
	('one long key', 'SELECT 1 AS no, ''a borrower with a long name''::text AS b, date ''2012-03-04'' AS d, 1::bigint AS r');
CREATE TABLE stored (k int, s first_loan_set);
INSERT INTO stored SELECT k, pg_temp.value(format('SELECT first_loan_set(b, d, r) FROM (%s) x', rows))::first_loan_set FROM source;
SELECT is((SELECT pg_temp.members_of(merge(s ORDER BY n)) FROM (VALUES (1, a.s), (2, b.s)) v(n, s)),
	pg_temp.plain(format('SELECT b, d, r FROM (%s) x UNION ALL SELECT b, d, r FROM (%s) y', x.rows, y.rows)), x.what || ' and ' || y.what)
FROM stored a JOIN source x USING (k), stored b JOIN source y USING (k) ORDER BY a.k, b.k;
SELECT is((SELECT pg_temp.members_of(merge(s ORDER BY CASE WHEN up THEN k ELSE -k END)) FROM stored),
	pg_temp.plain((SELECT string_agg(format('SELECT b, d, r FROM (%s) x%s', rows, k), ' UNION ALL ') FROM source)), 'all, ' || up)
FROM unnest('{true,false}'::bool[]) up;

-- A set of one partition that is divided while another is merged into it: 4,000
-- members, then sets of less than half as many, until more than twice as many wait
TRUNCATE source RESTART IDENTITY;
TRUNCATE stored;
INSERT INTO source (what, rows) VALUES ('', 'SELECT b, d, r FROM loan WHERE i <= 4000');
INSERT INTO source (what, rows)
SELECT '', format('SELECT b, d - %s AS d, r FROM loan WHERE i BETWEEN %s AND %s', n, 600 * n, 600 * n + 1899) FROM generate_series(1, 6) n;
INSERT INTO source (what, rows) VALUES ('', 'SELECT b, date ''2012-03-04'' + k::int AS d, k AS r FROM odd');
INSERT INTO stored SELECT k, pg_temp.value(format('SELECT first_loan_set(b, d, r) FROM (%s) x', rows))::first_loan_set FROM source;
SELECT is((SELECT pg_temp.members_of(merge(s ORDER BY k)) FROM stored WHERE k <= n),
	pg_temp.plain((SELECT string_agg(format('SELECT * FROM (%s) x%s', rows, k), ' UNION ALL ') FROM source WHERE k <= n)), n || ' sets of one partition')
FROM generate_series(2, 8) n;
SELECT is((SELECT pg_temp.members_of(merge(s ORDER BY k = 1 DESC, k = 8 DESC, k)) FROM stored),
	pg_temp.plain((SELECT string_agg(format('SELECT * FROM (%s) x%s', rows, k), ' UNION ALL ') FROM source)), 'with odd keys early');

-- The same by a row, where the set was settled by a reader
CREATE TABLE last_row AS
SELECT row_number() OVER (ORDER BY no) AS no, b, d, r
FROM (SELECT i AS no, min(b) AS b, min(d) AS d, min(r) AS r FROM loan WHERE i <= 4097 GROUP BY i
	  UNION ALL SELECT 9000, 'a borrower with a long name', '2012-03-04', 1) x;
SELECT is((SELECT pg_temp.members_of(s) FROM (SELECT no, first_loan_set(b, d, r) OVER (ORDER BY no) AS s FROM last_row) x WHERE no = 4098),
	pg_temp.plain('SELECT b, d, r FROM last_row'), 'a long key when the set is to be divided');

SELECT * FROM finish();
ROLLBACK;
