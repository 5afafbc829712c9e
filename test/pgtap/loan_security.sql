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

SELECT plan(88);

-- domain.md, section 3, list by list
CREATE TEMP TABLE expected (list text, code text, kinds text);
INSERT INTO expected VALUES
	('pboc_basic', 'A', 'pledge'), ('pboc_basic', 'B', 'mortgage'), ('pboc_basic', 'B01', 'mortgage'), ('pboc_basic', 'B99', 'mortgage'),
	('pboc_basic', 'C', 'guarantee'), ('pboc_basic', 'C01', 'guarantee'), ('pboc_basic', 'C99', 'guarantee'), ('pboc_basic', 'D', 'none'),
	('pboc_basic', 'E', 'combined'), ('pboc_basic', 'E01', 'mortgage+combined'), ('pboc_basic', 'Z', 'unknown'),
	('credit_enterprise', '0', 'none'), ('credit_enterprise', '1', 'guarantee'), ('credit_enterprise', '2', 'pledge'),
	('credit_enterprise', '3', 'mortgage'), ('credit_enterprise', '4', 'combined'), ('credit_enterprise', '9', 'unknown'),
	('credit_personal', '1', 'pledge'), ('credit_personal', '2', 'mortgage'), ('credit_personal', '3', 'guarantee'),
	('credit_personal', '4', 'none'), ('credit_personal', '5', 'guarantee+combined'), ('credit_personal', '6', 'combined'),
	('credit_personal', '7', 'guarantee'), ('credit_personal', '9', 'unknown'),
	('yibiaotong', '01', 'pledge'), ('yibiaotong', '02', 'mortgage'), ('yibiaotong', '03', 'guarantee'), ('yibiaotong', '04', 'none'),
	('yibiaotong', '00', 'unknown'),
	('other_assurance', '', 'none'), ('other_assurance', '--', 'none'), ('other_assurance', '0', 'none'), ('other_assurance', '1', 'pledge'), ('other_assurance', '2', 'guarantee'),
	('other_assurance', '9', 'unknown');
INSERT INTO expected SELECT 'credit_personal_v1', code, kinds FROM expected WHERE list = 'credit_personal';
INSERT INTO expected VALUES ('credit_personal_v1', '8', 'unknown');

SELECT is(loan_security(code, list)::text, kinds, format('%s of %s', code, list)) FROM expected ORDER BY list, code;
SELECT is_empty($$SELECT code_list, code, security::text FROM loan_security_codes() WHERE code_list <> 'text' EXCEPT SELECT * FROM expected$$,
	'no list has more than it should');
SELECT is_empty($$SELECT list, code, kinds FROM expected EXCEPT SELECT code_list, code, security::text FROM loan_security_codes()$$,
	'nor less');

-- any other code is unknown in each list, and so is NULL
CREATE TEMP TABLE any_code AS
WITH c AS (SELECT chr(n) AS c FROM generate_series(48, 57) n UNION ALL SELECT chr(n) FROM generate_series(65, 90) n)
SELECT a.c AS code FROM c a UNION ALL SELECT a.c || b.c FROM c a, c b UNION ALL SELECT a.c || b.c || d.c FROM c a, c b, c d;
SELECT is((SELECT count(*) FROM any_code c, (SELECT DISTINCT list FROM expected) l
		   WHERE loan_security(code, list)::text IS DISTINCT FROM
			coalesce((SELECT kinds FROM expected e WHERE e.list = l.list AND e.code = c.code), 'unknown')), 0::bigint,
	'each code of up to three characters is in the list or unknown');
SELECT is(loan_security(NULL, list)::text, CASE list WHEN 'other_assurance' THEN 'none' ELSE 'unknown' END, 'NULL in ' || list)
FROM (SELECT DISTINCT list FROM expected) l ORDER BY list;
SELECT is(loan_security(NULL, 'text')::text, 'unknown', 'NULL as text');
SELECT is(loan_security(NULL, '{"": "none", "D": "none"}'::jsonb)::text, 'unknown', 'NULL in a list of one''s own');
SELECT is((SELECT count(*) FROM expected WHERE is_pure_credit(loan_security(code, list)) AND kinds <> 'none'), 0::bigint, 'pure credit is none and nothing else');
SELECT is((SELECT count(*) FROM expected WHERE list <> 'other_assurance' AND is_pure_credit(loan_security(NULL, list))), 0::bigint, 'NULL is never pure credit');
SELECT is((SELECT count(*) FROM expected e WHERE
		   loan_security(e.code, (SELECT jsonb_object_agg(code, kinds) FROM expected x WHERE x.list = e.list))::text = e.kinds),
	(SELECT count(*) FROM expected), 'a list as jsonb says the same');
SELECT throws_ok($$SELECT loan_security('A', 'pboc')$$, '22023', NULL, 'an unknown list');
SELECT throws_ok($$SELECT loan_security('A', '{"A": "pledge", "B": "colateral"}'::jsonb)$$, '22023',
	'invalid value "colateral" for code "B" in the code list', 'a wrong value');

-- the set, against arrays of words
CREATE TEMP TABLE all_sets AS
SELECT n, words, coalesce(array_to_string(nullif(words, '{}'), '+'), 'none')::loan_security AS s
FROM generate_series(0, 31) n,
	LATERAL (SELECT coalesce(array_agg(w ORDER BY i), '{}') AS words
			 FROM unnest('{mortgage,pledge,guarantee,combined,unknown}'::text[]) WITH ORDINALITY AS t (w, i)
			 WHERE (n >> (i - 1)::int) & 1 = 1) x;
SELECT is((SELECT count(DISTINCT s) FROM all_sets), 32::bigint, '32 sets');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b WHERE (a.s | b.s) <> (SELECT s FROM all_sets c WHERE c.n = a.n | b.n)), 0::bigint, 'union');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b WHERE (a.s @> b.s) <> (a.words @> b.words)), 0::bigint, 'contains');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b WHERE (a.s <@ b.s) <> (a.words <@ b.words)), 0::bigint, 'is contained');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b WHERE (a.s = b.s) <> (a.n = b.n) OR (a.s <> b.s) <> (a.n <> b.n)), 0::bigint, 'equal');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b WHERE (a.s < b.s)::int + (a.s = b.s)::int + (a.s > b.s)::int <> 1
			OR (a.s <= b.s) <> NOT (a.s > b.s) OR (a.s >= b.s) <> NOT (a.s < b.s) OR (a.s < b.s) <> (b.s > a.s)
			OR sign(loan_security_cmp(a.s, b.s)) <> (a.s > b.s)::int - (a.s < b.s)::int), 0::bigint, 'a total order');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b, all_sets c WHERE a.s < b.s AND b.s < c.s AND NOT a.s < c.s), 0::bigint, 'a transitive one');
SELECT is((SELECT count(DISTINCT loan_security_hash(s)) FROM all_sets), 32::bigint, 'hashes differ');
SELECT is((SELECT count(*) FROM all_sets WHERE (loan_security_hash_extended(s, 0) & 4294967295) = (loan_security_hash(s)::bigint & 4294967295)), 32::bigint,
	'extended hash with seed 0 is the plain one');
SELECT is((SELECT count(*) FROM all_sets WHERE loan_security_send(s) = int2send(n::int2)), 32::bigint, 'sent as 16 bits');
SELECT is((SELECT count(*) FROM all_sets WHERE is_pure_credit(s) IS DISTINCT FROM
		   CASE WHEN words = '{}' THEN true WHEN words = '{unknown}' THEN NULL ELSE false END), 0::bigint, 'pure credit, of all sets');
SELECT is((SELECT count(*) FROM all_sets a, all_sets b WHERE is_pure_credit(a.s) = false AND is_pure_credit(a.s | b.s) IS DISTINCT FROM false), 0::bigint,
	'more evidence never makes a secured loan pure credit');

-- words of section 3
SELECT is((word || sep || '抵押')::loan_security::text, kinds, format('%s%s抵押', word, sep))
FROM (VALUES ('质押', '', 'mortgage+pledge'), ('保证', '、', 'mortgage+guarantee'), ('信用', '+', 'mortgage'), ('免担保', '/', 'mortgage'),
	('组合', '，', 'mortgage+combined'), ('混合', ' ', 'mortgage+combined'), ('其他', '和', 'mortgage+unknown'), ('保证保险', '', 'mortgage+unknown'),
	('联保', '及', 'mortgage+guarantee'), ('担保公司', '与', 'mortgage+guarantee'), ('政府性融资担保', '', 'mortgage+guarantee')) AS t (word, sep, kinds);

-- combine, serial and parallel, against an OR of integers
CREATE TABLE contract AS
SELECT i % 500 AS loan, CASE WHEN n < 32 THEN n END AS n, CASE WHEN n < 32 THEN (SELECT s FROM all_sets a WHERE a.n = h.n) END AS s
FROM generate_series(1, 10000) i, LATERAL (SELECT 1 << (('x' || substr(md5(i::text), 1, 6))::bit(24)::int % 8) >> 1 AS n) h;
ANALYZE contract;
SELECT cmp_ok((SELECT count(*) FROM contract WHERE s IS NULL), '>', 0::bigint, 'there are NULLs among the contracts');
SELECT is((SELECT count(*) FROM (SELECT loan, combine(s) AS s, bit_or(n) AS n FROM contract GROUP BY loan) g JOIN all_sets a USING (n) WHERE a.s = g.s),
	500::bigint, 'combine is the union, NULLs left out');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
CREATE FUNCTION pg_temp.plan_has(query text, fact text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line LIKE '%' || fact || '%' THEN RETURN true; END IF;
	END LOOP;
	RETURN false;
END $$;
SELECT ok(pg_temp.plan_has('SELECT loan, combine(s) FROM contract GROUP BY loan', 'Partial'), 'combine can be computed in parallel');
SELECT is((SELECT count(*) FROM (SELECT loan, combine(s) AS s, bit_or(n) AS n FROM contract GROUP BY loan) g JOIN all_sets a USING (n) WHERE a.s = g.s),
	500::bigint, 'with the same result');

SELECT * FROM finish();
ROLLBACK;
