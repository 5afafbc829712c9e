-- The stored form of a set: members that differ in any bit of any of their
-- numbers come back as they were, and what they have in common takes no room.
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

SELECT plan(17);

-- A table flattens what it is given.
CREATE TABLE stored (no int, s first_loan_set);
CREATE FUNCTION pg_temp.power(k int) RETURNS bigint LANGUAGE sql AS $$
	SELECT CASE k WHEN -1 THEN 0 WHEN 63 THEN -9223372036854775808 ELSE 1::bigint << k END
$$;

-- Pairs that differ in one bit, and in all from it down or up: int8 keys and refs.
CREATE TABLE pair AS
SELECT (row_number() OVER ())::int AS no, a, b
FROM (SELECT pg_temp.power(k) AS a, pg_temp.power(j) AS b
	  FROM generate_series(-1, 63) k, generate_series(-1, 63) j WHERE j < k
	  UNION ALL SELECT pg_temp.power(k), pg_temp.power(k) - 1 FROM generate_series(0, 62) k
	  UNION ALL SELECT - pg_temp.power(k), pg_temp.power(k) FROM generate_series(0, 62) k) x;

INSERT INTO stored SELECT no, first_loan_set(k, date '2024-01-05', 17) FROM pair, unnest(ARRAY[a, b]) k GROUP BY no;
SELECT results_eq(
	'SELECT no, borrower::bigint FROM stored, LATERAL members(s) ORDER BY 1, 2',
	'SELECT no, k FROM pair, unnest(ARRAY[a, b]) k ORDER BY 1, 2',
	'int8 borrowers of any two values');
TRUNCATE stored;
INSERT INTO stored SELECT no, first_loan_set(k, date '2024-01-05', CASE k WHEN 1 THEN a ELSE b END) FROM pair, unnest('{1,2}'::int[]) k GROUP BY no;
SELECT results_eq(
	'SELECT no, ref::bigint FROM stored, LATERAL members(s) ORDER BY 1, 2',
	'SELECT no, k FROM pair, unnest(ARRAY[a, b]) k ORDER BY 1, 2',
	'refs of any two values');
TRUNCATE stored;

-- uuid: 16 bytes
CREATE TABLE pair_of_uuid AS
SELECT (row_number() OVER ())::int AS no, x::text::uuid AS a, y::text::uuid AS b
FROM (SELECT lpad('', i, '0') || to_hex(1 << k) || lpad('', 31 - i, '0') AS x, lpad('', j, 'f') || lpad('', 32 - j, '0') AS y
	  FROM generate_series(0, 31) i, generate_series(0, 3) k, generate_series(0, 32, 4) j) u;
INSERT INTO stored SELECT no, first_loan_set(k, date '2024-01-05', 17) FROM pair_of_uuid, unnest(ARRAY[a, b]) k GROUP BY no;
SELECT results_eq(
	'SELECT no, borrower::uuid FROM stored, LATERAL members(s) ORDER BY 1, 2',
	'SELECT no, k FROM pair_of_uuid, unnest(ARRAY[a, b]) k GROUP BY 1, 2 ORDER BY 1, 2',
	'uuid borrowers of any two values');
TRUNCATE stored;

-- Days and moments, to both ends
CREATE TABLE day AS
SELECT (row_number() OVER ())::int AS no, d, d::timestamp AS t
FROM unnest('{4713-01-01 BC,1999-12-31,2000-01-01,2000-01-02,2024-02-29,2178-01-01,294276-12-31}'::date[]) d;
INSERT INTO stored SELECT 100 * x.no + y.no, first_loan_set(k, CASE k WHEN 1 THEN x.d ELSE y.d END, k) FROM day x, day y, unnest('{1,2}'::int[]) k GROUP BY 1;
SELECT results_eq(
	'SELECT no, ref::int, granted_on FROM stored, LATERAL members(s) ORDER BY 1, 2',
	'SELECT 100 * x.no + y.no, k, CASE k WHEN 1 THEN x.d ELSE y.d END FROM day x, day y, unnest(''{1,2}''::int[]) k ORDER BY 1, 2',
	'any two days');
TRUNCATE stored;
INSERT INTO stored SELECT 100 * x.no + y.no, first_loan_set(k, CASE k WHEN 1 THEN x.t ELSE y.t + interval '1 us' END, k) FROM day x, day y, unnest('{1,2}'::int[]) k GROUP BY 1;
SELECT results_eq(
	$$SELECT no, m->>2, m->>1 FROM stored, jsonb_array_elements(s::text::jsonb->'members') m ORDER BY 1, 2$$,
	$$SELECT 100 * x.no + y.no, k::text, to_jsonb(CASE k WHEN 1 THEN x.t ELSE y.t + interval '1 us' END)#>>'{}' FROM day x, day y, unnest('{1,2}'::int[]) k ORDER BY 1, 2$$,
	'any two moments');
TRUNCATE stored;

-- Numbers that differ in any bits: in none, the last, the first, all, every other, stretches
CREATE TABLE masked AS
SELECT no, k, base # (('x' || md5(no || ' b ' || k))::bit(64)::bigint & mask) AS b, (base # (('x' || md5(no || ' r ' || k))::bit(64)::bigint & mask)) AS r,
	   date '2020-01-01' + (('x' || md5(k || ' d ' || no))::bit(32)::int & mask::bit(64)::bit(32)::int & 4095) AS d
FROM unnest('{0,1,-9223372036854775808,-1,6148914691236517205,-6148914691236517206,71777214294589695,-9223372036854775807,-6917529027641081857}'::bigint[],
			'{5,-1,0,81985529216486895,-81985529216486896,0,-1,9223372036854775807,1}'::bigint[]) WITH ORDINALITY AS m(mask, base, no), generate_series(1, 700) k;
INSERT INTO stored SELECT no, first_loan_set(b, d, r) FROM masked GROUP BY no;
SELECT results_eq(
	'SELECT no, borrower::bigint, granted_on, ref::bigint FROM stored, LATERAL members(s) ORDER BY 1, 2',
	'SELECT DISTINCT ON (no, b) no::int, b, d, r FROM masked ORDER BY no, b, d, r', 'numbers that differ in any bits');
TRUNCATE stored;
INSERT INTO stored SELECT no, first_loan_set(no * 100000 + k, d, r) FROM masked GROUP BY no;
SELECT results_eq(
	'SELECT borrower::bigint, granted_on, ref::bigint FROM (SELECT merge(s) AS s FROM stored) m, LATERAL members(s) ORDER BY 1',
	'SELECT no * 100000 + k, d, r FROM masked ORDER BY 1', 'merged, as refs');
TRUNCATE stored;

-- Text of any length, packed, short, long; institutions, eligible and refs unknown
CREATE TABLE loan AS
SELECT n.no, left('91350500587527783PX0AB' || repeat('长', 9), len) AS borrower, d.d AS granted_on,
	   CASE WHEN n.no % 3 > 0 THEN 'Bank ' || n.no % 5 END AS institution,
	   CASE WHEN n.no % 4 > 0 THEN n.no END AS ref, CASE n.no % 5 WHEN 0 THEN NULL ELSE n.no % 5 = 1 END AS eligible
FROM generate_series(0, 31) len, generate_series(1, 9) AS day JOIN day d ON d.no = day, LATERAL (SELECT len * 9 + day AS no) n;
INSERT INTO stored SELECT ceil(no / 9.0), first_loan_set(no || borrower, granted_on, institution, ref, eligible) FROM loan GROUP BY 1;
INSERT INTO stored SELECT 0, first_loan_set(no || borrower, granted_on, institution, ref, eligible) FROM loan;
SELECT results_eq(
	'SELECT granted_on, institution, ref::int, eligible FROM stored, LATERAL members(s) WHERE no > 0 ORDER BY 1, 2, 3, 4',
	'SELECT granted_on, institution, ref, eligible FROM loan ORDER BY 1, 2, 3, 4', 'members of sets with institutions');
SELECT results_eq(
	'SELECT borrower FROM stored, LATERAL members(s) WHERE no > 0 ORDER BY borrower COLLATE "C"',
	'SELECT no || borrower FROM loan ORDER BY (no || borrower) COLLATE "C"', 'text borrowers');
SELECT is((SELECT merge(s ORDER BY no DESC)::text FROM stored WHERE no > 0), (SELECT s::text FROM stored WHERE no = 0), 'merged');
TRUNCATE stored;

-- Many partitions; several sets of one are merged by partitions
CREATE TABLE many AS
SELECT i, i * 2654435761 AS b, date '2020-01-01' + (i % 1000)::int AS d FROM generate_series(1::bigint, 60000) i;
INSERT INTO stored SELECT i % 4, first_loan_set(b, d, i) FROM many GROUP BY 1;
SELECT results_eq(
	'SELECT borrower::bigint FROM (SELECT merge(s) AS s FROM stored) m, LATERAL members(s) ORDER BY 1',
	'SELECT b FROM many ORDER BY 1', 'many borrowers');
SELECT is((SELECT first_loan_set(b, d, i)::text FROM many), (SELECT merge(s ORDER BY no DESC)::text FROM stored), 'many merged');

-- What is in common takes no room, not even between bits that differ: by what members need
CREATE FUNCTION pg_temp.bytes(n int, base_borrower bigint, by_borrower bigint, by_day int, by_ref bigint) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMP TABLE one (s first_loan_set) ON COMMIT DROP;
	ALTER TABLE one ALTER s SET STORAGE external;
	INSERT INTO one SELECT first_loan_set(base_borrower + i * by_borrower, date '2001-01-01' + i * by_day, by_ref * i) FROM generate_series(0, n - 1) i;
	n := (SELECT pg_column_size(s) FROM one);
	DROP TABLE one;
	RETURN n;
END $$;
SELECT is(pg_temp.bytes(4000, 65536, 1, 0, 0) - pg_temp.bytes(2000, 65536, 1, 0, 0), 4000, 'two thousand borrowers more, of two bytes each');
SELECT is(pg_temp.bytes(4000, 16777216, 66, 0, 0) - pg_temp.bytes(2000, 16777216, 66, 0, 0), 6000, 'of three');
SELECT is(pg_temp.bytes(4000, 65536, 1, 1, 1::bigint << 40) - pg_temp.bytes(2000, 65536, 1, 1, 1::bigint << 40), 12000, 'of two, two and two');
SELECT is(pg_temp.bytes(4000, 65536, 1, 0, (1::bigint << 50) + (1::bigint << 25) + 1) - pg_temp.bytes(2000, 65536, 1, 0, (1::bigint << 50) + (1::bigint << 25) + 1), 14000, 'of two and, of three times twelve bits, five');
SELECT is(pg_temp.bytes(256, 65536, 1, 0, 0) - pg_temp.bytes(1, 65536, 1, 0, 0), 256, 'and 255 of one, to a multiple of eight');

SELECT * FROM finish();
ROLLBACK;
