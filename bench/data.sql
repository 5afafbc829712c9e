-- bench/data.sql: one table of borrowings, the same on every machine
--
-- psql variables: rows, borrowers (how many), key (text or int8).
--
-- Row i stands at place j of a permutation of 0 .. rows - 1, so that every
-- borrower occurs and none of the columns is in physical order.  A text key is
-- a well-formed code with both check characters right (GB 11714, GB 32100); an
-- int8 key is sparse.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '2GB';

DROP TABLE IF EXISTS loans, key CASCADE;

SELECT :'key' = 'text' AS is_text \gset
\if :is_text
CREATE UNLOGGED TABLE key AS
SELECT b, prefix || lpad(x::text, 8, '0') || substr('0123456789X', c + 1, 1)
		|| substr('0123456789ABCDEFGHJKLMNPQRTUWXY',
				  ((31 - (weight + 20 * d1 + 29 * d2 + 25 * d3 + 13 * d4 + 8 * d5 + 24 * d6
						  + 10 * d7 + 30 * d8 + 28 * CASE c WHEN 10 THEN 29 ELSE c END) % 31) % 31)::int + 1, 1)
	AS borrower
FROM (SELECT *, ((11 - (3 * d1 + 7 * d2 + 9 * d3 + 10 * d4 + 5 * d5 + 8 * d6 + 4 * d7 + 2 * d8) % 11) % 11)::int AS c
	  FROM (SELECT b, b * 40000003 % 100000000 AS x FROM generate_series(0::bigint, :borrowers - 1) AS b) AS org,
	  LATERAL (SELECT x / 10000000 AS d1, x / 1000000 % 10 AS d2, x / 100000 % 10 AS d3, x / 10000 % 10 AS d4,
					  x / 1000 % 10 AS d5, x / 100 % 10 AS d6, x / 10 % 10 AS d7, x % 10 AS d8
			   OFFSET 0) AS digit) AS org
JOIN (SELECT n - 1 AS area, prefix,
			 (SELECT sum(substr(prefix, p, 1)::int * ('{1,3,9,27,19,26,16,17}'::int[])[p]) FROM generate_series(1, 8) AS p) AS weight
	  FROM unnest('{91350502,91350503,91350504,91350505,91350521,91350524,91350525,91350526,
					91350581,91350582,91350583,92350582,92350583,92350581,92350521,92350525}'::text[])
	  WITH ORDINALITY AS prefix(prefix, n)) AS prefix
	ON area = b % 16;

-- The extension's own opinion of a sample; an organisation may be called a dummy.
DO $$
BEGIN
	IF EXISTS (SELECT FROM key WHERE b % 1000 = 0 AND first_loan.uscc_problem(borrower) NOT LIKE 'a dummy%') THEN
		RAISE EXCEPTION 'the keys are not well-formed';
	END IF;
END
$$;
\else
CREATE UNLOGGED TABLE key AS
SELECT b, 100000000000 + b * 40000003 % 100000000000 AS borrower FROM generate_series(0::bigint, :borrowers - 1) AS b;
\endif
ANALYZE key;

CREATE TABLE loans AS
SELECT 200000000000 + j AS ref, borrower,
	   date '2015-01-01' + ((hashint8extended(j, 2) & 4294967295) % 3653)::int AS granted_on,
	   'C1036035' || lpad(((hashint8extended(j, 3) & 4294967295) % 200)::text, 6, '0') AS institution
FROM (SELECT j, CASE WHEN j < :borrowers THEN j ELSE (hashint8extended(j, 1) & 9223372036854775807) % :borrowers END AS b
	  FROM generate_series(1::bigint, :rows) AS i, LATERAL (SELECT i * 2654435761 % :rows AS j OFFSET 0) AS place) AS loan
JOIN key USING (b);
DROP TABLE key;

-- Plain SQL shall not suffer from a guess of the planner.
SELECT -:borrowers::float8 / :rows AS n_distinct \gset
ALTER TABLE loans ALTER borrower SET (n_distinct = :n_distinct);
VACUUM (FREEZE, ANALYZE) loans;
CREATE EXTENSION IF NOT EXISTS pg_prewarm;
SELECT pg_prewarm('loans') > 0 AS prewarmed \gset

-- The same statement over nothing fills a new session's caches before it is timed.
CREATE SCHEMA IF NOT EXISTS nothing;
DROP TABLE IF EXISTS nothing.loans;
CREATE TABLE nothing.loans (LIKE loans);
