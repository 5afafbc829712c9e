-- What the rows of a register mean: a case each, and the answer by the rules of
-- the domain, written by hand.  Every case is asked of a full refresh, of one
-- that looks at the borrowers noted, and again of a full one.
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only true
\pset pager off
BEGIN;
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;
SET datestyle = 'SQL, DMY';	-- no answer depends on it

SELECT plan(46);

CREATE SCHEMA source;
CREATE TABLE source.loans (borrower text, institution text, granted_on date, ref text, instrument text, amount numeric, security text,
	credit_line numeric, kind text, scale text, ownership text, industry text, area text);
CREATE TABLE source.firms (borrower text, kind text, scale text, ownership text, industry text, area text, persons integer, revenue numeric,
	assets numeric, eligible boolean);
CREATE TABLE source.reports (borrower text, report credit_report);
SELECT create_monitor('m', 'source.loans', 'source.firms', 'source.reports', reporting_lag => 10);
SELECT track('m', r, 'borrower') FROM unnest('{source.loans,source.firms,source.reports}'::regclass[]) r;
-- the same sources under other rules
SELECT create_monitor('lenient', 'source.loans', 'source.firms', 'source.reports', report_rules => '{"leasing": false, "undrawn": true, "summary": true}',
	private_as => '{private,foreign}', ceiling => 20000000, ceiling_inclusive => true);
SELECT track('lenient', r, 'borrower') FROM unnest('{source.loans,source.firms,source.reports}'::regclass[]) r;

-- ---------------------------------------------------------------------
-- The report's verdict.  The borrowing is of 15 March 2024.
-- ---------------------------------------------------------------------
CREATE TABLE verdicts (borrower text, reports text[], verdict text, before date, lenient text);
INSERT INTO verdicts VALUES
	('v nothing on record', '{"{\"report_date\": \"2024-04-01\"}"}', 'confirmed', NULL, 'confirmed'),
	('v of that very day', '{"{\"report_date\": \"2024-03-15\"}"}', 'confirmed', NULL, 'confirmed'),
	('v a little before, within the lag', '{"{\"report_date\": \"2024-03-05\"}"}', 'confirmed', NULL, 'unverified'),
	('v too long before', '{"{\"report_date\": \"2024-03-04\"}"}', 'unverified', NULL, 'unverified'),
	('v no report', '{}', 'unverified', NULL, 'unverified'),
	('v a report of nothing known', '{"{}"}', 'unverified', NULL, 'unverified'),
	('v disputed', '{"{\"report_date\": \"2024-04-01\", \"disputed\": true}"}', 'unverified', NULL, 'unverified'),
	('v the loan itself', '{"{\"report_date\": \"2024-04-01\", \"accounts\": [{\"business\": \"11\", \"opened_on\": \"2024-03-15\"}]}"}', 'confirmed', NULL, 'confirmed'),
	('v one a day earlier', '{"{\"report_date\": \"2024-04-01\", \"accounts\": [{\"business\": \"11\", \"opened_on\": \"2024-03-14\"}]}"}', 'refuted', '2024-03-14', 'refuted'),
	('v an old report is enough to refute', '{"{\"report_date\": \"2020-04-01\", \"accounts\": [{\"business\": \"16\", \"opened_on\": \"2019-05-06\"}]}"}', 'refuted', '2019-05-06', 'refuted'),
	('v a discount of old', '{"{\"report_date\": \"2024-04-01\", \"accounts\": [{\"business\": \"21\", \"opened_on\": \"2022-01-01\"}]}"}', 'refuted', '2022-01-01', 'refuted'),
	('v a bond is no borrowing', '{"{\"report_date\": \"2024-04-01\", \"accounts\": [{\"business\": \"10\", \"opened_on\": \"2022-01-01\"}]}"}', 'confirmed', NULL, 'confirmed'),
	('v leasing, an option', '{"{\"report_date\": \"2024-04-01\", \"accounts\": [{\"business\": \"14\", \"opened_on\": \"2022-01-01\"}]}"}', 'refuted', '2022-01-01', 'confirmed'),
	('v never drawn, an option', '{"{\"report_date\": \"2024-04-01\", \"accounts\": [{\"business\": \"11\", \"class\": \"R1\", \"drawn\": false, \"opened_on\": \"2022-01-01\"}]}"}', 'confirmed', NULL, 'refuted'),
	('v a discount without a date', '{"{\"report_date\": \"2024-04-01\", \"undated_discounts\": 1}"}', 'unverified', NULL, 'unverified'),
	('v the same, settled by an earlier report', '{"{\"report_date\": \"2024-04-01\", \"undated_discounts\": 1}","{\"report_date\": \"2024-03-20\"}"}', 'confirmed', NULL, 'confirmed'),
	('v a discount without a date, before', '{"{\"report_date\": \"2024-03-14\", \"undated_discounts\": 1}"}', 'refuted', NULL, 'refuted'),
	('v guarantees are no borrowing', '{"{\"report_date\": \"2024-04-01\", \"guarantee_transactions\": true, \"first_credit_year\": 2020}"}', 'confirmed', NULL, 'confirmed'),
	('v a first year that nothing explains', '{"{\"report_date\": \"2024-04-01\", \"first_credit_year\": 2020}"}', 'unverified', NULL, 'unverified'),
	('v two reports, one shows it', '{"{\"report_date\": \"2024-04-01\"}","{\"report_date\": \"2022-04-01\", \"accounts\": [{\"business\": \"11\", \"opened_on\": \"2021-03-15\"}]}"}', 'refuted', '2021-03-15', 'refuted');
INSERT INTO source.loans SELECT borrower, 'K1', '15/03/2024', 'L1', 'loan', 100, 'none' FROM verdicts;
INSERT INTO source.reports SELECT borrower, unnest(reports)::credit_report FROM verdicts;

-- ---------------------------------------------------------------------
-- Which borrowing is the first, and ties
-- ---------------------------------------------------------------------
INSERT INTO source.loans (borrower, institution, granted_on, ref, instrument, amount, security) VALUES
	('f first, then tested', 'K1', '01/02/2020', 'L2', 'loan', 1, 'mortgage'), ('f first, then tested', 'K2', '01/02/2024', 'L1', 'loan', 2, 'none'),
	('f by ref on one day', 'K2', '01/02/2024', 'L10', 'loan', 3, 'none'), ('f by ref on one day', 'K1', '01/02/2024', 'L9', 'loan', 4, 'none'),
	('f by ref on one day', 'K1', '02/02/2024', 'L0', 'loan', 5, 'none'),
	('f no ref comes last', 'K1', '01/02/2024', NULL, 'loan', 6, 'none'), ('f no ref comes last', 'K2', '01/02/2024', 'Z', 'loan', 7, 'none'),
	('f one bank twice', 'K1', '01/02/2024', 'L1', 'loan', 8, 'none'), ('f one bank twice', 'K1', '01/02/2024', 'L2', 'loan', 9, 'none'),
	('f three banks', 'K3', '01/02/2024', 'L3', 'loan', 10, 'none'), ('f three banks', 'K1', '01/02/2024', 'L1', 'loan', 11, 'none'),
	('f three banks', 'K2', '01/02/2024', 'L2', 'loan', 12, 'none'), ('f three banks', NULL, '01/02/2024', 'L4', 'loan', 13, 'none'),
	('f a bank not known', NULL, '01/02/2024', 'L4', 'loan', 14, 'none'),
	('f no date, no part', 'K1', NULL, 'L0', 'loan', 15, 'none'), ('f no date, no part', 'K1', '-infinity', 'L0', 'loan', 16, 'none'),
	('f no date, no part', 'K1', 'infinity', 'L0', 'loan', 17, 'none'), ('f no date, no part', 'K1', '01/02/2024', 'L1', 'loan', 18, 'none'),
	('f nothing but that', 'K1', NULL, 'L0', 'loan', 19, 'none'), (NULL, 'K1', '01/02/2024', 'L0', 'loan', 20, 'none'),
	('f a joint loan', 'K1', '01/02/2024', 'J', 'loan', 21, 'none'), ('f of both', 'K1', '01/02/2024', 'J', 'loan', 21, 'none'),
	('f a discount counts', 'K1', '01/02/2024', 'D', 'discount', 22, NULL), ('f a discount counts', 'K1', '01/03/2024', 'L', 'loan', 23, 'none'),
	('f no bank''s own numbers', 'K1', '01/02/2024', 'L', 'loan', 24, 'unknown'), ('f No bank''s own numbers', 'K1', '01/02/2024', 'L', 'loan', 25, 'guarantee');
CREATE TABLE firsts (borrower text, granted_on date, institution text, ref text, amount numeric, class text, tied integer);
INSERT INTO firsts VALUES
	('f first, then tested', '01/02/2020', 'K1', 'L2', 1, 'secured', 1),
	('f by ref on one day', '01/02/2024', 'K2', 'L10', 3, 'pure_credit', 2),
	('f no ref comes last', '01/02/2024', 'K2', 'Z', 7, 'pure_credit', 2),
	('f one bank twice', '01/02/2024', 'K1', 'L1', 8, 'pure_credit', 1),
	('f three banks', '01/02/2024', 'K1', 'L1', 11, 'pure_credit', 3),
	('f a bank not known', '01/02/2024', NULL, 'L4', 14, 'pure_credit', 1),
	('f no date, no part', '01/02/2024', 'K1', 'L1', 18, 'pure_credit', 1),
	('f a joint loan', '01/02/2024', 'K1', 'J', 21, 'pure_credit', 1),
	('f of both', '01/02/2024', 'K1', 'J', 21, 'pure_credit', 1),
	('f a discount counts', '01/02/2024', 'K1', 'D', 22, 'discount', 1),
	('f no bank''s own numbers', '01/02/2024', 'K1', 'L', 24, 'unclassified', 1),
	('f No bank''s own numbers', '01/02/2024', 'K1', 'L', 25, 'secured', 1);

-- ---------------------------------------------------------------------
-- Eligible at that time: private OR small OR micro OR a person in business
-- ---------------------------------------------------------------------
CREATE TABLE kinds (borrower text, loan text[], firm text[], persons integer, revenue numeric, assets numeric, own_word boolean,
	kind text, scale text, ownership text, eligible boolean, lenient boolean);
INSERT INTO kinds VALUES		-- kind, scale, ownership, industry: as the loan file has them, as the household is now
	('e private and large', '{enterprise,large,private,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'large', 'private', true, true),
	('e state-owned and micro', '{enterprise,CS04,state,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'micro', 'state', true, true),
	('e state-owned and large', '{enterprise,CS01,state,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'large', 'state', false, false),
	('e foreign: as one defines private', '{enterprise,medium,foreign,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'medium', 'foreign', false, true),
	('e a person in business', '{sole_proprietor,NULL,NULL,NULL}', NULL, NULL, NULL, NULL, NULL, 'sole_proprietor', NULL, NULL, true, true),
	('e an owner of a micro firm', '{micro_owner,NULL,NULL,NULL}', NULL, NULL, NULL, NULL, NULL, 'micro_owner', NULL, NULL, true, true),
	('e large, ownership not known', '{enterprise,large,NULL,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'large', NULL, NULL, NULL),
	('e state, scale not known', '{enterprise,NULL,state,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', NULL, 'state', NULL, NULL),
	('e state, other scale', '{enterprise,CS05,state,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', NULL, 'state', NULL, NULL),
	('e nothing known', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('e small then, large now', '{enterprise,small,state,NULL}', '{enterprise,large,state,NULL}', NULL, NULL, NULL, NULL, 'enterprise', 'small', 'state', true, true),
	('e large then, small now', '{enterprise,large,state,NULL}', '{enterprise,small,state,NULL}', NULL, NULL, NULL, NULL, 'enterprise', 'large', 'state', false, false),
	('e the loan file does not say', '{NULL,--," ",NULL}', '{enterprise,small,private,NULL}', NULL, NULL, NULL, NULL, 'enterprise', 'small', 'private', true, true),
	('e the household''s own word', '{enterprise,small,private,NULL}', '{NULL,NULL,NULL,NULL}', NULL, NULL, NULL, false, 'enterprise', 'small', 'private', false, false),
	('e the household''s own word, where nothing else is known', NULL, '{NULL,NULL,NULL,NULL}', NULL, NULL, NULL, true, NULL, NULL, NULL, true, true),
	-- retail: small from 10 persons and 1 million, medium from 50 and 5 million
	('e from the indicators', '{enterprise,NULL,state,NULL}', '{NULL,NULL,NULL,F52}', 60, 499, NULL, NULL, 'enterprise', 'small', 'state', true, true),
	('e both must be met', '{enterprise,NULL,state,52}', '{NULL,NULL,NULL,F51}', 60, 500, NULL, NULL, 'enterprise', 'medium', 'state', false, false),
	('e an indicator is missing', '{enterprise,NULL,state,52}', '{NULL,NULL,NULL,NULL}', NULL, 1, NULL, NULL, 'enterprise', NULL, 'state', NULL, NULL),
	('e finance has no scale here', '{enterprise,NULL,state,J66}', '{NULL,NULL,NULL,NULL}', 1, 1, 1, NULL, 'enterprise', NULL, 'state', NULL, NULL),
	('e a code that is none', '{enterprise,NULL,state,9}', '{NULL,NULL,NULL,NULL}', 1, 1, 1, NULL, 'enterprise', NULL, 'state', NULL, NULL),
	('92350582MA2XXXXX0Y', NULL, NULL, NULL, NULL, NULL, NULL, 'sole_proprietor', NULL, NULL, true, true),
	('91350582MA2XXXXX0Y', '{NULL,large,state,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'large', 'state', false, false),
	('92350582MA2XXXXX1Y', '{enterprise,large,state,NULL}', NULL, NULL, NULL, NULL, NULL, 'enterprise', 'large', 'state', false, false);
INSERT INTO source.loans (borrower, institution, granted_on, ref, instrument, amount, kind, scale, ownership, industry)
SELECT borrower, 'K1', '15/03/2024', 'L', 'loan', 1, loan[1], loan[2], loan[3], loan[4] FROM kinds;
INSERT INTO source.firms (borrower, kind, scale, ownership, industry, persons, revenue, assets, eligible)
SELECT borrower, firm[1], firm[2], firm[3], firm[4], persons, revenue, assets, own_word FROM kinds WHERE firm IS NOT NULL;

-- ---------------------------------------------------------------------
-- Inclusive: small, micro or a person, and a credit line below the ceiling of that day
-- ---------------------------------------------------------------------
INSERT INTO m.ceiling VALUES ('01/01/2025', 20000000, true);
CREATE TABLE lines (borrower text, granted_on date, kind text, scale text, credit_line numeric, inclusive boolean, lenient boolean);
INSERT INTO lines VALUES
	('i below', '31/12/2024', 'enterprise', 'micro', 9999999.99, true, true), ('i at the ceiling', '31/12/2024', 'enterprise', 'small', 10000000, false, true),
	('i above the later one', '31/12/2024', 'enterprise', 'small', 20000000.01, false, false),
	('i under the new ceiling', '01/01/2025', 'enterprise', 'small', 10000000, true, true), ('i at the new one', '01/01/2025', 'enterprise', 'small', 20000000, true, true),
	('i medium', '31/12/2024', 'enterprise', 'medium', 1, false, false), ('i a person', '31/12/2024', 'sole_proprietor', NULL, 1, true, true),
	('i no line', '31/12/2024', 'enterprise', 'micro', NULL, NULL, NULL), ('i no scale', '31/12/2024', 'enterprise', NULL, 1, NULL, NULL),
	('i no scale and too much', '31/12/2024', 'enterprise', NULL, 30000000, false, false), ('i large, no line', '31/12/2024', 'enterprise', 'large', NULL, false, false);
INSERT INTO source.loans (borrower, institution, granted_on, ref, instrument, amount, kind, scale, credit_line)
SELECT borrower, 'K1', granted_on, 'L', 'loan', 50, kind, scale, credit_line FROM lines;

-- ---------------------------------------------------------------------
-- Asked three times
-- ---------------------------------------------------------------------
SELECT ok(refresh('m') > 0 AND refresh('lenient') > 0, 'a first refresh');
CREATE FUNCTION ask(label text) RETURNS SETOF text LANGUAGE plpgsql SET search_path = first_loan, public AS $f$
BEGIN
	RETURN NEXT set_eq($$SELECT r.borrower, r.verdict, r.borrowed_before, l.verdict AS lenient FROM m.register r JOIN lenient.register l USING (borrower) WHERE r.borrower LIKE 'v%'$$,
		'SELECT borrower, verdict, before, lenient FROM verdicts', label || ': verdicts');
	RETURN NEXT is_empty($$SELECT * FROM m.register WHERE (verdict_reason IS NULL OR verdict_reason = '') AND verdict <> 'confirmed'$$, label || ': a verdict has a reason');
	RETURN NEXT set_eq($$SELECT borrower, granted_on, institution, ref, amount, class, tied_institutions FROM m.register WHERE borrower LIKE 'f%'$$,
		'TABLE firsts', label || ': first borrowings and ties');
	RETURN NEXT set_eq($$SELECT r.borrower, r.kind, r.scale, r.ownership, r.eligible, l.eligible AS lenient FROM m.register r JOIN lenient.register l USING (borrower) WHERE r.borrower ~ '^[e9]'$$,
		'SELECT borrower, kind, scale, ownership, eligible, lenient FROM kinds', label || ': eligible at that time');
	RETURN NEXT set_eq($$SELECT r.borrower, r.inclusive, l.inclusive AS lenient FROM m.register r JOIN lenient.register l USING (borrower) WHERE r.borrower LIKE 'i%'$$,
		'SELECT borrower, inclusive, lenient FROM lines', label || ': inclusive');
	RETURN NEXT set_eq($$SELECT borrower, unread FROM m.register WHERE unread IS NOT NULL$$,
		$$VALUES ('e a code that is none', 'industry "9"')$$, label || ': what is not understood');
	RETURN NEXT is((SELECT count(*) FROM m.register), (SELECT count(DISTINCT borrower) FROM source.loans WHERE isfinite(granted_on)), label || ': one row a borrower');
END $f$;
SELECT ask('full');

-- Everyone leaves and comes back, in two statements of one transaction.
CREATE TABLE kept AS TABLE source.loans;
DELETE FROM source.loans;
SELECT is(refresh('m') + refresh('lenient'), 2 * (SELECT count(DISTINCT borrower) FROM kept WHERE isfinite(granted_on)), 'all are gone');
SELECT is_empty('TABLE m.register', 'an empty register');
INSERT INTO source.loans TABLE kept;
SELECT refresh('m'), refresh('lenient');
SELECT results_eq('SELECT kind FROM m.refreshes ORDER BY id DESC LIMIT 2', $$VALUES ('noted'), ('noted')$$, 'by the notes');
SELECT ask('noted');
SELECT is(refresh('m', "full" => true) + refresh('lenient', "full" => true), 0::bigint, 'a full refresh finds nothing');

-- A household that is published as a first one, and is none any more
INSERT INTO source.loans SELECT 'f of both', 'K5', '31/01/2024', 'late', 'loan', 1, 'mortgage';
SELECT refresh('m');
SELECT is((SELECT (granted_on, institution, ref, class, tied_institutions)::text FROM m.register WHERE borrower = 'f of both'),
	(date '31/01/2024', 'K5', 'late', 'secured', 1)::text, 'a borrowing that arrives late');
INSERT INTO source.reports VALUES ('f of both', '{"report_date": "2024-04-01", "accounts": [{"business": "11", "opened_on": "2024-01-30"}]}');
SELECT refresh('m');
SELECT is((SELECT (verdict, borrowed_before)::text FROM m.register WHERE borrower = 'f of both'), ('refuted', date '30/01/2024')::text, 'and a corrected report');
UPDATE source.reports SET report = '{"report_date": "2024-04-01"}' WHERE borrower = 'f of both';
INSERT INTO source.firms (borrower, ownership) VALUES ('f of both', 'private');
SELECT refresh('m');
SELECT is((SELECT (verdict, borrowed_before, ownership, eligible)::text FROM m.register WHERE borrower = 'f of both'), ('confirmed', NULL::date, 'private', true)::text, 'a report taken back, an attribute');
DELETE FROM source.loans WHERE ref = 'late';
SELECT refresh('m');
SELECT is((SELECT (granted_on, institution, ref, verdict)::text FROM m.register WHERE borrower = 'f of both'), (date '01/02/2024', 'K1', 'J', 'confirmed')::text, 'the late one taken back');
UPDATE source.loans SET borrower = 'f another' WHERE borrower = 'f of both';
SELECT refresh('m');
SELECT results_eq($$SELECT borrower FROM m.register WHERE borrower IN ('f another', 'f of both')$$, $$VALUES ('f another'::text)$$, 'a borrower that turns out to be another');
SELECT is(refresh('m', "full" => true), 0::bigint, 'a full refresh finds nothing');

-- ---------------------------------------------------------------------
-- Values that an index cannot hold are unknown, and told; those that it can stay
-- ---------------------------------------------------------------------
CREATE TABLE source.long (borrower text, institution text, granted_on date, ref text, instrument text, amount numeric, rate numeric, area text,
	industry text, security text);
CREATE FUNCTION random_text(bytes integer) RETURNS text LANGUAGE sql AS
	$$SELECT left(string_agg(md5(i::text), '' ORDER BY i), bytes) FROM generate_series(1, 200) i$$;
CREATE FUNCTION random_number(digits integer) RETURNS numeric LANGUAGE sql AS
	$$SELECT left('1' || translate(random_text(6400), 'abcdef', '012345'), digits)::numeric$$;
INSERT INTO source.long VALUES
	('bank', random_text(3200), '01/02/2024', 'L', 'loan', 1, 2, 'A', NULL), ('area', 'K', '01/02/2024', 'L', 'loan', 1, 2, random_text(501), 'C13'),
	('industry', 'K', '01/02/2024', 'L', 'loan', 1, 2, 'A', random_text(3000)), ('amount', 'K', '01/02/2024', 'L', 'loan', random_number(6000), 2, 'A', 'C13'),
	('rate', 'K', '01/02/2024', 'L', 'loan', 1, random_number(6000), 'A', 'C13'),
	('汉', repeat('泉', 167), '01/02/2024', 'L', 'loan', 1, 2, 'A', 'C13'),
	(random_text(500), random_text(500), '01/02/2024', random_text(3200), 'loan', random_number(380), random_number(380), reverse(random_text(500)), 'C13');
SELECT create_monitor('long', 'source.long');
SELECT track('long', 'source.long', 'borrower');
SELECT is(refresh('long'), 7::bigint, 'long values stop nothing');
CREATE FUNCTION ask_long(label text) RETURNS SETOF text LANGUAGE plpgsql SET search_path = first_loan, public AS $f$
BEGIN
	RETURN NEXT set_eq('SELECT borrower, institution, amount, rate, area, industry, unread FROM long.register',
		$$VALUES ('bank', NULL, 1::numeric, 2::numeric, 'A', NULL, 'institution of 3200 bytes "' || random_text(60) || '..."'),
			('area', 'K', 1, 2, NULL, 'C13', 'area of 501 bytes "' || random_text(60) || '..."'),
			('industry', 'K', 1, 2, 'A', NULL, 'industry of 3000 bytes "' || random_text(60) || '..."'),
			('amount', 'K', NULL, 2, 'A', 'C13', 'amount of too many digits'), ('rate', 'K', 1, NULL, 'A', 'C13', 'rate of too many digits'),
			('汉', NULL, 1, 2, 'A', 'C13', 'institution of 501 bytes "' || repeat('泉', 20) || '..."'),
			(random_text(500), random_text(500), random_number(380), random_number(380), reverse(random_text(500)), 'C13', NULL)$$, label || ': what is too long is unknown, and told');
END $f$;
SELECT ask_long('full');
UPDATE source.long SET security = 'none';
SELECT is(refresh('long'), 7::bigint, 'all of them again');
SELECT ask_long('noted');
SELECT refresh_denominators('long', '2024');
SELECT results_eq($$SELECT dimension, count(*) FROM long.denominators GROUP BY 1 ORDER BY 1$$, $$VALUES ('area', 3::bigint), ('institution', 3), ('total', 1)$$, 'denominators');
INSERT INTO source.long VALUES (random_text(501), 'K', '01/02/2024', 'L', 'loan', 1);
SELECT throws_like($$SELECT refresh('long')$$, '%borrower_of_at_most_500_bytes%', 'a borrower that is too long');
DELETE FROM source.long WHERE octet_length(borrower) > 500;
SELECT is(refresh('long'), 0::bigint, 'and gone again');
SELECT is(refresh('long', "full" => true), 0::bigint, 'a full refresh finds nothing');

-- ---------------------------------------------------------------------
-- Many borrowers are looked at some at a time, where they can be looked up.  The
-- costs make a table of this size large.
-- ---------------------------------------------------------------------
SET cpu_tuple_cost = 10;
CREATE TABLE source.many (borrower text, institution text, granted_on date, ref text, instrument text, amount numeric);
INSERT INTO source.many SELECT 'M' || i, 'K' || i % 7, date '01/01/2020' + i % 1000, i, 'loan', i FROM generate_series(1, 20000) i;
CREATE INDEX many_borrower ON source.many (borrower);
ANALYZE source.many;
SELECT create_monitor('many', 'source.many');
SELECT track('many', 'source.many', 'borrower');
SELECT refresh('many');
SELECT ok(monitor_batch('many') BETWEEN 1000 AND 4999, 'so many at a time: ' || monitor_batch('many'));
SELECT ok(monitor_query('many', true, false) <> monitor_query('many', true, true), 'which is another query');
INSERT INTO source.many SELECT 'M' || i, 'K' || i % 5, date '01/01/2020' + i % 300, -i, 'loan', i FROM generate_series(1, 20000, 4) i;
DELETE FROM source.many WHERE ref::integer % 40 = 0;
SELECT is(refresh('many'), (SELECT count(*) FROM generate_series(1, 20000) i
		WHERE i % 40 = 0 OR i % 4 = 1 AND (i % 300, -i) < (i % 1000, i)), 'every one that has changed');
SELECT is((SELECT kind || ' ' || borrowers FROM many.refreshes ORDER BY id DESC LIMIT 1), 'noted 5500', 'by the notes');
CREATE VIEW many_first AS
	SELECT DISTINCT ON (borrower) borrower, granted_on, institution, ref, amount FROM source.many ORDER BY borrower, granted_on, ref COLLATE "C";
SELECT is_empty('(SELECT borrower, granted_on, institution, ref, amount FROM many.register EXCEPT ALL TABLE many_first)
	UNION ALL (TABLE many_first EXCEPT ALL SELECT borrower, granted_on, institution, ref, amount FROM many.register)', 'and no other');
SELECT is(refresh('many', "full" => true), 0::bigint, 'a full refresh finds nothing');
DROP INDEX source.many_borrower;
SELECT is(monitor_batch('many'), NULL, 'all together where there is no index');
RESET cpu_tuple_cost;

-- ---------------------------------------------------------------------
-- Partitions that are dropped and detached
-- ---------------------------------------------------------------------
CREATE TABLE source.parted (borrower text, institution text, granted_on date, ref text, instrument text, amount numeric) PARTITION BY RANGE (granted_on);
CREATE TABLE source.parted_2023 PARTITION OF source.parted FOR VALUES FROM ('01/01/2023') TO ('01/01/2024');
CREATE TABLE source.parted_2024 PARTITION OF source.parted FOR VALUES FROM ('01/01/2024') TO ('01/01/2025');
CREATE TABLE source.parted_2025 PARTITION OF source.parted FOR VALUES FROM ('01/01/2025') TO ('01/01/2026');
INSERT INTO source.parted SELECT 'Q' || i, 'K', date '01/06/2022' + 365 * i, i, 'loan', i FROM generate_series(1, 3) i;
SELECT create_monitor('parted', 'source.parted');
SELECT track('parted', 'source.parted', 'borrower');
SELECT is(refresh('parted'), 3::bigint, 'a household of each partition');
CREATE FUNCTION last_kind() RETURNS text LANGUAGE sql AS $$SELECT kind FROM parted.refreshes ORDER BY id DESC LIMIT 1$$;
DROP TABLE source.parted_2023;
ALTER TABLE source.parted DETACH PARTITION source.parted_2024;
SET client_min_messages = error;
SELECT is(refresh('parted') || ' ' || last_kind(), '2 full', 'two partitions are gone: everything is looked at');
SET client_min_messages = warning;
SELECT track('parted', 'source.parted', 'borrower');
SELECT is_empty($$SELECT * FROM monitor_triggers('parted') WHERE relation = 'source.parted_2024'::regclass$$, 'a detached one is not tracked any more');
SELECT refresh('parted');
INSERT INTO source.parted VALUES ('Q9', 'K', '01/06/2025', '9', 'loan', 9);
SELECT is(refresh('parted') || ' ' || last_kind(), '1 noted', 'tracked again, a refresh costs what has changed');
ALTER TABLE source.parted DETACH PARTITION source.parted_2025;
SELECT untrack('parted', 'source.parted');
SELECT is_empty($$SELECT * FROM monitor_triggers('parted') WHERE relation::text LIKE 'source.%'$$, 'no trigger stays on one that was detached');
SELECT is_empty('SELECT * FROM parted.tracked', 'nor is anything tracked');

SELECT * FROM finish();
ROLLBACK;
