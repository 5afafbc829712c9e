-- uscc: text and binary form, errors, casts, operators, plans
SET search_path = first_loan, public;

-- the codes of the field, the last with a wrong check character
SELECT code, has_valid_check(code), area(code), organisation_code(code), borrower_kind(code)
FROM unnest('{914403001922038216,9144030071526726XG,91330100799655058B,91350900587527783P,91350000151842711F}'::uscc[]) code;

-- the functions of a code take a bare literal, though core has other areas
SELECT has_valid_check('91330100799655058B'), area('91330100799655058b'), organisation_code('91330100799655058B'), area(NULL) IS NULL,
	area(box '((0,0),(2,3))');
SELECT area('330100');

-- case is folded, blanks around are trimmed, full-width ones as well
SELECT '  9144030071526726xg '::uscc, E'\t9144030071526726xG\r\n'::uscc, '　9144030071526726XG　 '::uscc;
SELECT '000000000000000000'::uscc, 'YYYYYYYYYYYYYYYYYY'::uscc;

-- what is refused: the character, its place, the remedy
SELECT '9144O3001922038216'::uscc;
SELECT 'i14403001922038216'::uscc;
SELECT '91440300192203821s'::uscc;
SELECT 'V14403001922038216'::uscc;
SELECT '9Z4403001922038216'::uscc;
SELECT '914403 01922038216'::uscc;
SELECT '  914403-01922038216'::uscc;
SELECT '91440300192２038216'::uscc;
SELECT '泉州4403001922038216'::uscc;
SELECT '91440300192203821'::uscc;
SELECT '9144030019220382166'::uscc;
SELECT '914403-001922-038216'::uscc;
SELECT '泉州'::uscc;
SELECT ''::uscc;
SELECT '   '::uscc;

-- casts
CREATE TEMP TABLE code_of (t text, v varchar(20), b char(20), u uscc);
INSERT INTO code_of VALUES ('91330100799655058b', '91330100799655058b', '91330100799655058b', '91330100799655058B');
SELECT t::uscc, v::uscc, b::uscc, uscc(t), u::text, u::varchar, u::char(20), u::varchar(6) FROM code_of;
SELECT t::uscc = u, v::uscc = u, b::uscc = u, u::text = upper(t) FROM code_of;
UPDATE code_of SET t = u, v = u, b = u;
SELECT t, v, b, u || '/' || u, 'code ' || u, length(u::text), format('%s', u) FROM code_of;
-- not silently from text
INSERT INTO code_of (u) SELECT t FROM code_of;
SELECT 'I'::text::uscc;
SELECT NULL::text::uscc IS NULL, NULL::uscc::text IS NULL;

-- binary form: 18 times 5 bits, left-aligned
SELECT uscc_send('000000000000000000'), uscc_send('000000000000000001'), uscc_send('Y00000000000000000'),
	uscc_send('YYYYYYYYYYYYYYYYYY'), uscc_send('000000000000100000');

CREATE TEMP TABLE received (code uscc);
CREATE FUNCTION pg_temp.receive(value bytea) RETURNS text LANGUAGE plpgsql AS $$
-- COPY BINARY of one row, fed by the shell: no file, and any bytes
DECLARE
	stream bytea := '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea
		|| '\x0001'::bytea || int4send(length(value)) || value || '\xffff'::bytea;
	octal text;
BEGIN
	SELECT string_agg(format('\%s%s%s', b >> 6, (b >> 3) & 7, b & 7), '' ORDER BY i) INTO octal
	FROM (SELECT i, get_byte(stream, i) AS b FROM generate_series(0, length(stream) - 1) i) bytes;
	TRUNCATE received;
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
	RETURN (SELECT code FROM received);
EXCEPTION WHEN invalid_binary_representation OR protocol_violation THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT code, pg_temp.receive(uscc_send(code)) = code::text AS same
FROM unnest('{000000000000000000,YYYYYYYYYYYYYYYYYY,9144030071526726XG,91350000151842711F}'::uscc[]) code;
SELECT what, pg_temp.receive(bytes) FROM (VALUES
	(1, 'index 31 first', '\xf80000000000000000000000'::bytea),
	(2, 'index 31 across words', '\x000000000000000f80000000'),
	(3, 'index 31 last', '\x0000000000000000000007c0'),
	(4, 'padding', '\x000000000000000000000001'),
	(5, 'padding', '\x000000000000000000000020'),
	(6, 'all bits', '\xffffffffffffffffffffffff'),
	(7, 'empty', ''),
	(8, 'short', '\x0000000000000000000000'),
	(9, 'long', '\x00000000000000000000000000')) AS t (n, what, bytes) ORDER BY n;

-- operators
SELECT a < b AS lt, a <= b AS le, a = b AS eq, a >= b AS ge, a > b AS gt, a <> b AS ne, uscc_cmp(a, b) < 0 AS cmp
FROM (VALUES ('91330100799655058B'::uscc, '91330100799655058C'::uscc),
	('91330100799655058C', '91330100799655058B'),
	('91330100799655058B', '91330100799655058b'),
	('91330100799655058B', NULL)) AS t (a, b);
SELECT min(code), max(code), count(DISTINCT code)
FROM unnest('{91330100799655058B,NULL,9144030071526726XG,91330100799655058B}'::uscc[]) code;
SELECT min(code), max(code) FROM unnest('{}'::uscc[]) code;
SELECT i, max(code) OVER (ORDER BY i), min(code) OVER (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM unnest('{91330100799655058B,NULL,9144030071526726XG,91330100799655058B}'::uscc[]) WITH ORDINALITY AS t (code, i);

-- operator classes are complete
SELECT am.amname, opcname, amvalidate(opc.oid)
FROM pg_opclass opc JOIN pg_am am ON am.oid = opcmethod
WHERE opcintype = 'uscc'::regtype ORDER BY 1;

-- the planner uses them
CREATE FUNCTION pg_temp.plan_has(query text, fact text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line LIKE '%' || fact || '%' THEN RETURN true; END IF;
	END LOOP;
	RETURN false;
END $$;
CREATE TEMP TABLE household (code uscc PRIMARY KEY, n int);
INSERT INTO household
SELECT ('91350582' || lpad(i::text, 10, '0'))::uscc, i FROM generate_series(1, 2000) i;
CREATE INDEX household_hash ON household USING hash (code);
CREATE TEMP TABLE loan AS SELECT code FROM household;
ANALYZE household;
ANALYZE loan;
SELECT pg_temp.plan_has($$SELECT n FROM household WHERE code = '913505820000000077'$$, 'Index Scan') AS equality,
	pg_temp.plan_has($$SELECT code FROM household ORDER BY code LIMIT 3$$, 'Index Only Scan using household_pkey') AS ordering,
	pg_temp.plan_has($$SELECT max(code) FROM household$$, 'Index Only Scan Backward using household_pkey') AS maximum;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT pg_temp.plan_has($$SELECT FROM household JOIN loan USING (code)$$, 'Hash Join') AS hash_join;
SET enable_hashjoin = off;
SET enable_mergejoin = on;
SELECT pg_temp.plan_has($$SELECT FROM household JOIN loan USING (code)$$, 'Merge Join') AS merge_join;
RESET enable_nestloop;
RESET enable_mergejoin;
RESET enable_hashjoin;
SELECT n FROM household WHERE code = '913505820000000077';
SELECT min(code), max(code) FROM household;
INSERT INTO household VALUES ('91350582000000007 7'::uscc, 0);
INSERT INTO household VALUES (' 913505820000000077', 0);
DROP INDEX household_hash;
SELECT count(*) FROM household JOIN loan USING (code);

-- what a staging table may hold
SELECT t, uscc_problem(t) FROM unnest(ARRAY[
	'914403001922038216', ' 9144030071526726xg', '　91330100799655058B',
	NULL, '', '  ', '--', ' -- ',
	'91350000151842711F', '914403001922038217',
	'9144O3001922038216', '91440300192２038216', '91440300192203821', '泉州', '914403-001922-038216',
	'000000000000000000', '000001922038216000', '913505820000000000', '00', '---']) t;
