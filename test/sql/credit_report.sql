-- credit_report: text and binary forms, errors, comparison, storage, plans.
-- What the answers mean is tested in test/pgtap/credit_report.sql.
SET search_path = first_loan, public;
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';

-- canonical text: keys in one order, defaults left out, accounts sorted
CREATE TABLE texts (n int, given text, canonical text);
INSERT INTO texts VALUES
	(1, '{}', '{}'),
	(2, ' { "disputed" : false, "subject": "enterprise", "accounts": [], "undated_discounts": 0 } ', '{}'),
	(3, '{"report_date": null, "subject": null, "disputed": null, "accounts": null, "undated_discounts": null, "guarantee_transactions": null}', '{}'),
	(4, '{"institutions_ever": 4, "first_credit_year": 2015, "guarantee_transactions": true, "summary_borrowings": 3, "undated_discounts": 2, "disputed": true, "subject": "person", "report_date": "2024-05-31"}',
		'{"report_date": "2024-05-31", "subject": "person", "disputed": true, "undated_discounts": 2, "summary_borrowings": 3, "guarantee_transactions": true, "first_credit_year": 2015, "institutions_ever": 4}'),
	(5, '{"accounts": [{}]}', '{"accounts": [{}]}'),
	(6, '{"accounts": [{"settled": false, "drawn": true, "opened_on": "2023-02-01", "class": "D1", "business": "11", "id": "X1"}]}',
		'{"accounts": [{"id": "X1", "business": "11", "class": "D1", "opened_on": "2023-02-01"}]}'),
	(7, '{"accounts": [{"settled": true, "drawn": false, "class": "R1"}]}', '{"accounts": [{"class": "R1", "drawn": false, "settled": true}]}'),
	-- by opened_on, business, class, id, each with absent last
	(8, '{"accounts": [{}, {"id": "b"}, {"id": "a"}, {"class": "R4"}, {"class": "C1"}, {"business": "41"}, {"business": "11"}, {"opened_on": "2024-01-02"}, {"opened_on": "2024-01-01"}]}',
		'{"accounts": [{"opened_on": "2024-01-01"}, {"opened_on": "2024-01-02"}, {"business": "11"}, {"business": "41"}, {"class": "C1"}, {"class": "R4"}, {"id": "a"}, {"id": "b"}, {}]}'),
	-- accounts without an id that are alike all stay
	(9, '{"accounts": [{"business": "11"}, {"business": "11"}]}', '{"accounts": [{"business": "11"}, {"business": "11"}]}'),
	-- absent by sentinel
	(10, '{"report_date": "0001-01-01", "accounts": [{"opened_on": "1900-01-01"}, {"opened_on": "9999-12-31"}, {"opened_on": ""}, {"opened_on": "--", "id": "--", "business": "--", "class": " "}], "first_credit_year": 1900}',
		'{"accounts": [{}, {}, {}, {}]}'),
	(11, '{"report_date": "1970-01-01"}', '{"report_date": "1970-01-01"}'),
	-- codes: blanks trimmed, case of known classes folded, unknown ones kept
	(12, '{"accounts": [{"id": " X 1 ", "business": " 11 ", "class": "d1"}]}', '{"accounts": [{"id": "X 1", "business": "11", "class": "D1"}]}'),
	(13, '{"accounts": [{"business": "99", "class": "x1"}, {"business": "1", "class": "D11"}, {"business": "新业务"}]}',
		'{"accounts": [{"business": "99", "class": "x1"}, {"business": "1", "class": "D11"}, {"business": "新业务"}]}'),
	(14, '{"accounts": [{"id": "\"\\\u0001é中"}]}', '{"accounts": [{"id": "\"\\\u0001é中"}]}'),
	-- ends of the ranges
	(15, '{"report_date": "2617-09-22", "accounts": [{"opened_on": "1900-01-02"}], "undated_discounts": 2147483647, "summary_borrowings": 2147483647, "first_credit_year": 1901, "institutions_ever": 2147483647}',
		'{"report_date": "2617-09-22", "accounts": [{"opened_on": "1900-01-02"}], "undated_discounts": 2147483647, "summary_borrowings": 2147483647, "first_credit_year": 1901, "institutions_ever": 2147483647}'),
	-- on both sides of what fits into the header
	(16, '{"undated_discounts": 62, "summary_borrowings": 62, "first_credit_year": 2075, "institutions_ever": 62}',
		'{"undated_discounts": 62, "summary_borrowings": 62, "first_credit_year": 2075, "institutions_ever": 62}'),
	(17, '{"undated_discounts": 63, "summary_borrowings": 63, "first_credit_year": 2076, "institutions_ever": 63}',
		'{"undated_discounts": 63, "summary_borrowings": 63, "first_credit_year": 2076, "institutions_ever": 63}'),
	(18, '{"undated_discounts": 64, "summary_borrowings": 64, "first_credit_year": 1949, "institutions_ever": 64}',
		'{"undated_discounts": 64, "summary_borrowings": 64, "first_credit_year": 1949, "institutions_ever": 64}'),
	(19, '{"undated_discounts": 1, "first_credit_year": 1950, "institutions_ever": 1e2}',
		'{"undated_discounts": 1, "first_credit_year": 1950, "institutions_ever": 100}'),
	(20, '{"report_date": "2024-02-29"}', '{"report_date": "2024-02-29"}');
SELECT n, given::credit_report FROM texts WHERE given::credit_report::text IS DISTINCT FROM canonical;
SELECT n FROM texts WHERE given::credit_report::text::credit_report::text IS DISTINCT FROM canonical;
SET datestyle = 'German';
SELECT '{"report_date": "2024-05-31"}'::credit_report;
SET datestyle = 'ISO, YMD';

-- errors say what, where, and what would do
SELECT '[]'::credit_report;
SELECT '"2024-05-31"'::credit_report;
SELECT '{"raport_date": "2024-05-31"}'::credit_report;
SELECT '{"accounts": [{"business": "11"}, {"busines": "11"}]}'::credit_report;
SELECT '{"report_date": 20240531}'::credit_report;
SELECT '{"report_date": "2024-5-31"}'::credit_report;
SELECT '{"report_date": "2023-02-29"}'::credit_report;
SELECT '{"report_date": "today"}'::credit_report;
SELECT '{"report_date": "infinity"}'::credit_report;
SELECT '{"report_date": "2617-09-23"}'::credit_report;
SELECT '{"accounts": [{}, {}, {"opened_on": "1899-12-31"}]}'::credit_report;
SELECT '{"accounts": [{}, {"opened_on": "2024-00-10"}]}'::credit_report;
SELECT '{"accounts": [{"opened_on": true}]}'::credit_report;
SELECT '{"accounts": [{"business": 11}]}'::credit_report;
SELECT '{"accounts": [{"class": ["D1"]}]}'::credit_report;
SELECT '{"accounts": [{"drawn": "no"}]}'::credit_report;
SELECT '{"accounts": [{"settled": 1}]}'::credit_report;
SELECT '{"accounts": [{"class": "D1", "drawn": false}]}'::credit_report;
SELECT '{"accounts": {"business": "11"}}'::credit_report;
SELECT '{"accounts": [{}, "11"]}'::credit_report;
SELECT '{"accounts": [{"id": "X1"}, {"id": "X2"}, {"id": " X1"}]}'::credit_report;
SELECT '{"subject": "company"}'::credit_report;
SELECT '{"disputed": "false"}'::credit_report;
SELECT '{"undated_discounts": -1}'::credit_report;
SELECT '{"undated_discounts": 1.5}'::credit_report;
SELECT '{"undated_discounts": "2"}'::credit_report;
SELECT '{"summary_borrowings": 2147483648}'::credit_report;
SELECT '{"summary_borrowings": 1e300}'::credit_report;
SELECT '{"institutions_ever": {}}'::credit_report;
SELECT '{"first_credit_year": 1899}'::credit_report;
SELECT '{"first_credit_year": 2618}'::credit_report;
SELECT format('{"accounts": [{"id": "%s"}]}', repeat('x', 256))::credit_report;
SELECT length(format('{"accounts": [{"id": "%s"}]}', repeat('x', 255))::credit_report::text);
SELECT format('{"accounts": [%s{}]}', repeat('{}, ', 1000000))::credit_report;
-- what is no JSON is refused by core, in its words
CREATE FUNCTION state_of(given text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM given::credit_report;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT state_of(''), state_of('{"report_date": '), state_of('{"disputed": maybe}'), state_of('{"accounts": [{"id": "\u0000"}]}'), state_of(repeat('[', 100000));

-- arguments
SELECT never_borrowed('{}', '2024-01-01', -1);
SELECT never_borrowed('{}', '2024-01-01', codes => '[]');
SELECT never_borrowed('{}', '2024-01-01', codes => '{"busines": {"33": true}}');
SELECT never_borrowed('{}', '2024-01-01', codes => '{"enterprise": true}');
SELECT never_borrowed('{}', '2024-01-01', codes => '{"enterprise": {"33": "yes"}}');
SELECT never_borrowed('{}', '2024-01-01', codes => '{"enterprise": {" ": true}}');
SELECT credit_report_agg(date '0203-05-01', '11');
SELECT credit_report_agg(NULL, '11', date '2900-01-01');
SELECT credit_report_agg(NULL, '11', NULL, NULL, repeat('x', 256));
SELECT credit_report_agg(NULL, '11', NULL, NULL, NULL, 'company');
SELECT credit_report_agg(NULL, '11', NULL, NULL, NULL, s) FROM unnest(ARRAY['person', 'enterprise']) s;
SELECT credit_report_accum(NULL, NULL, '11');
SELECT credit_report_combine(NULL, NULL);

-- what a value shows
SELECT * FROM accounts('{"accounts": [{"id": "X1", "business": "11", "class": "D1", "opened_on": "2023-02-01", "settled": true}, {"class": "R1", "business": "11", "drawn": false}, {"business": "99"}]}');
SELECT * FROM accounts('{"subject": "person", "accounts": [{"business": "51"}, {"business": "52"}, {"business": "71", "class": "R2"}]}');
SELECT count(*) FROM accounts('{}');
SELECT n, report_date(r) = '2024-05-31' AS dated, is_disputed(r), first_borrowed_on(r) = '2020-01-01' AS first
FROM (VALUES (1, '{}'::credit_report),
	(2, '{"report_date": "2024-05-31", "disputed": true, "accounts": [{"business": "15", "opened_on": "2019-01-01"}, {"business": "11", "opened_on": "2020-01-01"}, {"business": "11"}]}'),
	(3, NULL)) v (n, r) ORDER BY n;

-- equal contents are equal values
CREATE TABLE pairs AS
	SELECT given::credit_report AS a, canonical::credit_report AS b, n FROM texts;
SELECT count(*) FROM pairs WHERE NOT a = b OR a <> b OR a < b OR a > b OR NOT a <= b OR NOT a >= b;
SELECT '{"undated_discounts": 1}'::credit_report <> '{"undated_discounts": 2}', '{"disputed": true}'::credit_report = '{}';
SELECT count(*) FROM pairs x, pairs y
WHERE ((x.a < y.a)::int + (x.a = y.a)::int + (x.a > y.a)::int) <> 1 OR (x.a <= y.a) <> (y.a >= x.a)
	OR (x.a = y.a) <> (x.a::text = y.a::text);
SELECT count(*) FROM pairs WHERE credit_report_hash(a) <> credit_report_hash(b)
	OR credit_report_hash_extended(a, 7) <> credit_report_hash_extended(b, 7);
-- the hash spreads
SELECT count(DISTINCT credit_report_hash(format('{"undated_discounts": %s}', i)::credit_report) & 255) > 240
FROM generate_series(1, 4000) i;
SET enable_sort = off;
SELECT count(*) FROM (SELECT a FROM pairs GROUP BY a) g;
RESET enable_sort;
SET enable_hashagg = off;
SELECT count(*) FROM (SELECT a FROM pairs GROUP BY a) g;
RESET enable_hashagg;
SELECT count(*) FROM (SELECT DISTINCT a FROM pairs UNION SELECT b FROM pairs) g;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT count(*) FROM pairs x JOIN pairs y ON x.a = y.b WHERE x.n > 3 AND y.n > 3;
RESET enable_hashjoin;
SET enable_mergejoin = off;
SELECT count(*) FROM pairs x JOIN pairs y ON x.a = y.b WHERE x.n > 3 AND y.n > 3;
RESET enable_nestloop;
RESET enable_mergejoin;

-- binary form: through COPY, which calls the receive function on any bytes
SET max_parallel_workers_per_gather = 0;
CREATE TABLE received (r credit_report);
CREATE FUNCTION receive(data bytea) RETURNS credit_report LANGUAGE plpgsql AS $$
DECLARE
	file text := current_setting('data_directory') || '/first_loan_test.copy';
	result credit_report;
BEGIN
	-- the binary form of a bytea column is its bytes, behind their length
	EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', data, file);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
	DELETE FROM received RETURNING r INTO result;
	RETURN result;
END
$$;
-- as above, but the state of a refusal instead of an error
CREATE FUNCTION try_receive(data bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN receive(data);
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END
$$;
SELECT encode(credit_report_send('{}'), 'hex');
SELECT encode(credit_report_send('{"report_date": "2024-05-31", "subject": "person", "disputed": true, "guarantee_transactions": true, "undated_discounts": 2, "summary_borrowings": 3, "first_credit_year": 2015, "institutions_ever": 4, "accounts": [{"id": "X1", "business": "52", "class": "R1", "opened_on": "1999-12-31", "drawn": false, "settled": true}]}'), 'hex');
SELECT n, receive(credit_report_send(a)) FROM pairs WHERE receive(credit_report_send(a)) <> a;
-- accounts come in any order
SELECT receive('\x0100 80000000 00000000 00000000 00000000 00000000 00000002
	00 80000000 00000002 3131 ffffffff ffffffff
	00 00000000 00000002 3131 ffffffff 00000002 2d2d'::bytea);
-- refused: everything cut short or with a byte too many
SELECT try_receive(substr(v, 1, n)) AS state, count(*)
FROM (SELECT credit_report_send(canonical::credit_report) AS v FROM texts WHERE n IN (1, 4, 6, 14)) t,
	generate_series(0, length(v) - 1) n
GROUP BY 1;
SELECT try_receive(credit_report_send(canonical::credit_report) || '\x00') AS state, count(*) FROM texts GROUP BY 1;
-- refused: version, flags, dates, counts, lengths, texts
SELECT try_receive(('\x' || v)::bytea), what FROM (VALUES
	('0200 80000000 00000000 00000000 00000000 00000000 00000000', 'version 2'),
	('0108 80000000 00000000 00000000 00000000 00000000 00000000', 'unknown flag'),
	('0100 7fffffff 00000000 00000000 00000000 00000000 00000000', 'infinite date'),
	('0100 80000000 ffffffff 00000000 00000000 00000000 00000000', 'negative discounts'),
	('0100 80000000 00000000 80000000 00000000 00000000 00000000', 'negative summary'),
	('0100 80000000 00000000 00000000 0000076c 00000000 00000000', 'year 1900'),
	('0100 80000000 00000000 00000000 00000a3a 00000000 00000000', 'year 2618'),
	('0100 80000000 00000000 00000000 00000000 ffffffff 00000000', 'negative institutions'),
	('0100 80000000 00000000 00000000 00000000 00000000 ffffffff', 'negative number of accounts'),
	('0100 80000000 00000000 00000000 00000000 00000000 000f4240', 'a million accounts, none sent'),
	('0100 80000000 00000000 00000000 00000000 00000000 000f4241', 'too many accounts'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 04 80000000 ffffffff ffffffff ffffffff', 'unknown flag of an account'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 01 80000000 ffffffff ffffffff ffffffff', 'undrawn without R1'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 00 80000000 fffffffe ffffffff ffffffff', 'negative length'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 00 80000000 7fffffff ffffffff ffffffff', 'length past the end'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 00 80000000 ffffffff ffffffff 00000100' || repeat('78', 256), 'long id'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000002 00 80000000 ffffffff ffffffff 00000001 58 00 80000000 ffffffff ffffffff 00000001 58', 'the same id twice'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 00 80000000 00000002 3100 ffffffff ffffffff', 'zero byte'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 00 80000000 00000002 c328 ffffffff ffffffff', 'not UTF-8'),
	('0100 80000000 00000000 00000000 00000000 00000000 00000001 00 80000000 ffffffff ffffffff ffffffff', 'none of these')) v (v, what);

RESET max_parallel_workers_per_gather;

-- size: at most 16 bytes and 4 an account, beside the ids with a byte each
CREATE TABLE sizes (n int, ids boolean, r credit_report);
INSERT INTO sizes
	SELECT n, false, coalesce((SELECT credit_report_agg(date '2015-01-01' + i, '11', '2024-05-31', 'D1')
		FROM generate_series(1, n) i), '{"report_date": "2024-05-31", "first_credit_year": 2015, "institutions_ever": 40, "undated_discounts": 12, "summary_borrowings": 34}')
	FROM unnest(ARRAY[0, 1, 5, 100]) n;
INSERT INTO sizes
	SELECT n, true, credit_report_agg(date '2015-01-01' + i, '11', '2024-05-31', 'D1', 'X' || (1000 + i))
	FROM unnest(ARRAY[1, 5, 100]) n, generate_series(1, n) i GROUP BY n;
SELECT n, ids, pg_column_size(r) AS stored, pg_column_size(r) <= 16 + 4 * n + CASE WHEN ids THEN 6 * n ELSE 0 END AS within
FROM sizes ORDER BY ids, n;

-- stored out of line, compressed and not, the answers are the same
CREATE TABLE toasted (n int, compressed credit_report, plain credit_report);
ALTER TABLE toasted ALTER plain SET STORAGE external;
INSERT INTO toasted
	SELECT n, r, r FROM (SELECT n, credit_report_agg(date '2015-01-01' + (i * n) % 3000, CASE WHEN i % 2 = n % 2 THEN '11' ELSE '15' END, '2024-05-31', 'D1', '350582000000' || (1000000 + n * 10000 + i)) AS r
	FROM generate_series(1, 20) n, generate_series(1, 500) i GROUP BY n) g;
SELECT bool_and(pg_column_size(plain) = 12 + 4 * 500 + 20 * 500), bool_and(pg_column_size(compressed) < pg_column_size(plain)) FROM toasted;
SELECT count(*) FROM toasted WHERE compressed <> plain
	OR first_borrowed_on(compressed) <> (SELECT min(opened_on) FROM accounts(plain) WHERE counts)
	OR first_borrowed_on(compressed) <> first_borrowed_on(plain)
	OR never_borrowed(compressed, first_borrowed_on(plain)) IS NOT TRUE
	OR never_borrowed(compressed, first_borrowed_on(plain) + 1) IS NOT FALSE
	OR report_date(plain) <> '2024-05-31' OR (SELECT count(*) FROM accounts(compressed)) <> 500;

-- partial aggregates: in the plan, and with the same values
CREATE TABLE rows (household int, opened_on date, business_code text, report_date date, account_class text, account_id text)
	PARTITION BY LIST ((household % 4));
CREATE TABLE rows_0 PARTITION OF rows FOR VALUES IN (0);
CREATE TABLE rows_1 PARTITION OF rows FOR VALUES IN (1);
CREATE TABLE rows_2 PARTITION OF rows FOR VALUES IN (2);
CREATE TABLE rows_3 PARTITION OF rows FOR VALUES IN (3);
INSERT INTO rows
	SELECT i % 700, CASE WHEN i % 11 > 0 THEN date '2015-01-01' + (i * 7919) % 3400 END,
		(ARRAY['11', '15', '21', '41', NULL])[1 + i % 5], date '2024-01-01' + i % 90,
		(ARRAY['D1', 'D2', 'C1', NULL])[1 + i % 4], 'A' || (i % 2000)
	FROM generate_series(1, 20000) i;
ANALYZE rows;
CREATE FUNCTION plan_has(query text, what text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line LIKE '%' || what || '%' THEN
			RETURN true;
		END IF;
	END LOOP;
	RETURN false;
END
$$;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS
	SELECT household, credit_report_agg(opened_on, business_code, report_date, account_class, account_id) AS r
	FROM rows GROUP BY household;
SELECT count(*), sum((SELECT count(*) FROM accounts(r))) FROM serial;
SET enable_partitionwise_aggregate = on;
SELECT plan_has('SELECT account_class, credit_report_agg(opened_on, business_code) FROM rows GROUP BY account_class', 'Partial');
CREATE TABLE split AS
	SELECT account_class, credit_report_agg(opened_on, business_code, report_date, account_class, account_id) AS r
	FROM rows GROUP BY account_class;
RESET enable_partitionwise_aggregate;
SELECT count(*), count(*) FILTER (WHERE s.r <> w.r) AS different FROM (SELECT account_class, credit_report_agg(opened_on, business_code, report_date, account_class, account_id) AS r
	FROM rows GROUP BY account_class) w JOIN split s ON s.account_class IS NOT DISTINCT FROM w.account_class;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT plan_has('SELECT credit_report_agg(opened_on, business_code, report_date, account_class, account_id) FROM rows', 'Partial Aggregate');
CREATE TABLE parallel AS
	SELECT credit_report_agg(opened_on, business_code, report_date, account_class, account_id) AS r FROM rows;
SET max_parallel_workers_per_gather = 0;
SELECT p.r = (SELECT credit_report_agg(opened_on, business_code, report_date, account_class, account_id) FROM rows), (SELECT count(*) FROM accounts(p.r)) FROM parallel p;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
-- sorted groups, and hashed ones that spill
SET enable_hashagg = off;
SELECT count(*), count(*) FILTER (WHERE s.r <> w.r) AS different FROM (SELECT household, credit_report_agg(opened_on, business_code, report_date, account_class, account_id ORDER BY account_id DESC) AS r
	FROM rows GROUP BY household) w JOIN serial s USING (household);
RESET enable_hashagg;
SET work_mem = '64kB';
SET enable_sort = off;
SELECT count(*), count(*) FILTER (WHERE s.r <> w.r) AS different FROM (SELECT household, credit_report_agg(opened_on, business_code, report_date, account_class, account_id) AS r
	FROM rows GROUP BY household) w JOIN serial s USING (household);
RESET work_mem;
RESET enable_sort;
-- as a window aggregate, the value of each row is that of the rows so far
SELECT count(*) > 0, count(*) FILTER (WHERE (SELECT count(*) FROM accounts(r)) <> n) AS different FROM (
	SELECT credit_report_agg(opened_on, business_code) OVER w AS r, row_number() OVER w AS n
	FROM rows WHERE household < 3 AND business_code IS NOT NULL
	WINDOW w AS (ORDER BY opened_on, account_id ROWS UNBOUNDED PRECEDING)) w;
-- an aggregate of the same functions without the last one shows no raw state
CREATE AGGREGATE raw_report(date, text) (SFUNC = credit_report_accum, STYPE = credit_report);
CREATE TABLE raw AS SELECT raw_report(date '2024-01-01' - i, '11') AS r FROM generate_series(1, 3) i;
SELECT r, first_borrowed_on(r) = '2023-12-29' AS first, never_borrowed(r), credit_report_hash(r) = credit_report_hash(r::text::credit_report) AS hash FROM raw;
DROP TABLE raw;
DROP AGGREGATE raw_report(date, text);

-- thousands of small statements: no worker for each where parallelism is forced
SET max_parallel_workers = 0;

-- random mutations of the text: a clean refusal, or a value that is exact
CREATE FUNCTION fuzz_text(rounds int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	seeds text[] := ARRAY(SELECT given FROM texts ORDER BY n) || (SELECT ARRAY[merge(a)::text, (merge(a) FILTER (WHERE n < 4))::text] FROM pairs);
	bits text[] := ARRAY['{', '}', '[', ']', '"', ',', ':', '\', '-', '--', '0', '9', '99999999999', 'null', 'true',
		'false', '2024-02-30', '0001-01-01', '中', '\u0000', '\ud800', '"id"', '"X1"', '"accounts"', '[{}]', '1e9', ' ', ''];
	-- of these one for another: most of what comes out is JSON, much of it a report
	tokens text[] := ARRAY['"11"', '"41"', '"ZZ"', '"--"', '"R1"', '"D1"', '"C1"', '"2024-05-31"', '"2024-02-30"', '"1899-12-31"', '{}', '[]',
		'{"id": "X1"}', '2147483647', '2015', '64', '3', '0', '-1', '1.5', 'null', 'true', 'false', '"business"', '"class"', '"opened_on"', '"report_date"', '"person"'];
	token text;
	given text;
	at int;
	value credit_report;
	refused int := 0;
BEGIN
	FOR i IN 1..rounds LOOP
		given := seeds[1 + floor(random() * array_length(seeds, 1))];
		FOR j IN 0..floor(random() * 3) LOOP
			at := 1 + floor(random() * (length(given) + 1));
			token := tokens[1 + floor(random() * array_length(tokens, 1))];
			CASE floor(random() * 12)
				WHEN 0 THEN given := overlay(given PLACING bits[1 + floor(random() * array_length(bits, 1))] FROM at FOR 0);
				WHEN 1 THEN given := overlay(given PLACING '' FROM at FOR floor(random() * 6)::int);
				WHEN 2 THEN given := overlay(given PLACING chr(1 + floor(random() * 126)::int) FROM at FOR 1);
				WHEN 3 THEN given := overlay(given PLACING substr(given, 1 + floor(random() * length(given))::int, 30) FROM at FOR floor(random() * 30)::int);
				WHEN 4 THEN given := overlay(given PLACING bits[1 + floor(random() * array_length(bits, 1))] FROM at FOR 4);
				ELSE given := replace(given, token, tokens[1 + floor(random() * array_length(tokens, 1))]);
			END CASE;
		END LOOP;
		BEGIN
			value := given::credit_report;
			IF value::text::credit_report::text <> value::text OR value::text::credit_report <> value THEN
				RETURN NEXT format('not exact: %s', given);
			END IF;
		EXCEPTION WHEN OTHERS THEN
			refused := refused + 1;
			IF left(SQLSTATE, 2) NOT IN ('22', '54') THEN
				RETURN NEXT format('%s %s: %s', SQLSTATE, SQLERRM, given);
			END IF;
		END;
	END LOOP;
	IF refused < rounds / 4 OR refused > rounds - rounds / 20 THEN
		RETURN NEXT format('%s of %s refused: the mutations test little', refused, rounds);
	END IF;
END
$$;
SET max_parallel_workers_per_gather = 0;
SELECT * FROM fuzz_text(6000);

-- and of the binary form
CREATE FUNCTION fuzz_binary(rounds int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	seeds bytea[] := ARRAY(SELECT credit_report_send(a) FROM pairs ORDER BY n) || (SELECT ARRAY[credit_report_send(merge(a)), credit_report_send(merge(a) FILTER (WHERE n < 4))] FROM pairs);
	bits bytea[] := ARRAY['\x7fffffff', '\x80000000', '\xffffffff', '\x00000000', '\x00000001', '\x000f4240', '\xff', '\x00', '\xc3', ''];
	given bytea;
	at int;
	value credit_report;
	refused int := 0;
BEGIN
	FOR i IN 1..rounds LOOP
		IF i % 100 = 0 THEN
			TRUNCATE received;	-- a DELETE passes all dead rows
		END IF;
		given := seeds[1 + floor(random() * array_length(seeds, 1))];
		FOR j IN 0..floor(random() * 3) LOOP
			at := 1 + floor(random() * length(given));
			CASE floor(random() * 5)
				WHEN 0 THEN given := set_byte(given, at - 1, floor(random() * 256)::int);
				WHEN 1 THEN given := overlay(given PLACING bits[1 + floor(random() * array_length(bits, 1))] FROM at FOR 4);
				WHEN 2 THEN given := overlay(given PLACING bits[1 + floor(random() * array_length(bits, 1))] FROM at FOR 0);
				WHEN 3 THEN given := overlay(given PLACING ''::bytea FROM at FOR floor(random() * 6)::int);
				ELSE given := overlay(given PLACING substr(given, 1 + floor(random() * length(given))::int, 20) FROM at FOR 20);
			END CASE;
			EXIT WHEN length(given) = 0;
		END LOOP;
		BEGIN
			value := receive(given);
			IF value::text::credit_report <> value OR (i % 10 = 0 AND receive(credit_report_send(value)) <> value) THEN
				RETURN NEXT format('not exact: %s', given);
			END IF;
		EXCEPTION WHEN OTHERS THEN
			refused := refused + 1;
			IF left(SQLSTATE, 2) NOT IN ('22', '54') THEN
				RETURN NEXT format('%s %s: %s', SQLSTATE, SQLERRM, given);
			END IF;
		END;
	END LOOP;
	IF refused < rounds / 4 OR refused > rounds - rounds / 20 THEN
		RETURN NEXT format('%s of %s refused: the mutations test little', refused, rounds);
	END IF;
END
$$;
SELECT * FROM fuzz_binary(5500);

-- and of the stored form, of values and of the state of the aggregate: whatever
-- the bytes, an answer or an error
CREATE CAST (bytea AS credit_report) WITHOUT FUNCTION;
CREATE CAST (credit_report AS bytea) WITHOUT FUNCTION;
CREATE AGGREGATE raw_report(date, text, date, text, text) (SFUNC = credit_report_accum, STYPE = credit_report);
CREATE AGGREGATE raw_merge(credit_report) (SFUNC = credit_report_merge_accum, STYPE = credit_report);
CREATE FUNCTION fuzz_stored(rounds int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	seeds bytea[] := ARRAY(SELECT a::bytea FROM pairs ORDER BY n) || ARRAY(SELECT r::bytea FROM sizes WHERE n <= 5)
		|| (SELECT raw_report(date '2024-01-01' + i, '1' || i, '2024-05-31', 'D' || i, 'X' || i)::bytea FROM generate_series(1, 3) i)
		|| (SELECT ARRAY[merge(a)::bytea, raw_merge(a)::bytea, (merge(a) FILTER (WHERE n < 4))::bytea, (raw_merge(a) FILTER (WHERE n < 4))::bytea] FROM pairs);
	given bytea;
	value credit_report;
	refused int := 0;
BEGIN
	FOR i IN 1..rounds LOOP
		given := seeds[1 + floor(random() * array_length(seeds, 1))];
		FOR j IN 0..floor(random() * 4) LOOP
			EXIT WHEN length(given) = 0;
			CASE floor(random() * 6)
				WHEN 0 THEN given := substr(given, 1, floor(random() * length(given))::int);
				WHEN 1 THEN given := given || '\x00'::bytea;
				WHEN 2 THEN given := set_byte(given, 0, CASE WHEN random() < 0.5 THEN 14 + floor(random() * 2)::int ELSE floor(random() * 256)::int END);
				WHEN 3 THEN given := set_byte(given, floor(random() * length(given))::int, (ARRAY[0, 255])[1 + floor(random() * 2)]);
				ELSE given := set_byte(given, floor(random() * length(given))::int, floor(random() * 256)::int);
			END CASE;
		END LOOP;
		value := given::credit_report;
		BEGIN
			PERFORM never_borrowed(value), first_borrowed_on(value), report_date(value), is_disputed(value);
			PERFORM never_borrowed(value, '2024-01-01', 3, undrawn => true, leasing => false), credit_report_hash(value);
			PERFORM count(*) FROM accounts(value);
			PERFORM merge(value), count(*) FROM credit_report_evidence(value), credit_report_warnings(value);
			PERFORM length(value::text), length(credit_report_send(value));
		EXCEPTION WHEN OTHERS THEN
			refused := refused + 1;
			-- data_corrupted, feature_not_supported (a version), bytes that are no text
			IF SQLSTATE NOT IN ('XX001', '0A000', '22021', '22P02') THEN
				RETURN NEXT format('%s %s: %s', SQLSTATE, SQLERRM, given);
			END IF;
		END;
	END LOOP;
	IF refused < rounds / 4 OR refused > rounds - rounds / 20 THEN
		RETURN NEXT format('%s of %s refused: the mutations test little', refused, rounds);
	END IF;
END
$$;
SELECT * FROM fuzz_stored(6000);
DROP AGGREGATE raw_report(date, text, date, text, text);
DROP AGGREGATE raw_merge(credit_report);
DROP CAST (bytea AS credit_report);
DROP CAST (credit_report AS bytea);
DROP FUNCTION fuzz_stored(int);
RESET max_parallel_workers_per_gather;

COPY (SELECT 1 WHERE false) TO PROGRAM 'rm -f first_loan_test.copy';
DROP FUNCTION fuzz_text(int), fuzz_binary(int), receive(bytea), try_receive(bytea), state_of(text), plan_has(text, text);
DROP TABLE texts, pairs, received, sizes, toasted, rows, serial, split, parallel;
