-- Edges of what is read: every form of date and time in a document, values that
-- are cut off, rules and states of any size and with a period, renamed labels,
-- interrupts, columns of any type that are noted.
\set QUIET 1
\set ON_ERROR_ROLLBACK 1
\set ON_ERROR_STOP true
\pset format unaligned
\pset tuples_only true
\pset pager off

BEGIN;
SET client_min_messages = warning;
SET client_encoding = 'UTF8';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;
SET datestyle = 'ISO, YMD';

SELECT plan(255);

-- A document with that report time, and what else it holds.
CREATE FUNCTION pg_temp.document(report_time text, more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('EAA', jsonb_build_object('EA01', jsonb_build_object('EA01AR01', $1, 'EA01CI01', '91350500587527783P'))) || $2
$$;
CREATE FUNCTION pg_temp.account(VARIADIC fields text[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('EDA', jsonb_build_object('ED01', jsonb_object(fields)))
$$;

-- Times of day: ISO 8601, whole or in part
SELECT is(report_date(pg_temp.document('2024-05-31' || t)::credit_report), '2024-05-31', 'time of day: "' || t || '"')
FROM unnest('{"",T09:30:00," 09:30:00","   09:30",T0930,T093000,T09:30:00Z,t09:30:00z,T09:30:00.5,T09:30:00.123456+08:00,T09:30:00+0800,T09:30:00-08,T24:00:00,T23:59:60}'::text[]) t;
SELECT throws_ok(format('SELECT pg_temp.document(%L)::credit_report', '2024-05-31' || t), '22007', NULL, 'no time of day: "' || t || '"')
FROM unnest('{T,T9:30:00,T09,T09:3,T09:30:0,T09:30:,T09:30:00.,T25:00:00,T09:60:00,T09:30:61,T09:30:00+8,T09:30:00+08:0,T09:30:00 +08:00,x09:30:00,09:30,T09:30:00Zx}'::text[]) t;
SELECT is(report_date(pg_temp.document(t)::credit_report), '2024-05-31', 'date: "' || t || '"')
FROM unnest('{2024-05-31,2024/05/31,2024.05.31,20240531,20240531 093000," 2024-05-31 "}'::text[]) t;
SELECT throws_ok(format('SELECT pg_temp.document(%L)::credit_report', t), '22007', NULL, 'no report date: "' || t || '"')
FROM unnest('{24-05-31,2024-5-31,2024-05-3,2024-05/31,2024/05-31,2024-13-01,2024-02-30,2024-05-31x,x2024-05-31,2024-05-,2024-,2024052,31.05.2024}'::text[]) t;

-- An account is undated by a year, or a year and month, and by what stands for NULL.
SELECT is((pg_temp.document('2024-05-31', pg_temp.account('ED01AD05', '11', 'ED01AR01', t))::credit_report)::text,
	'{"report_date": "2024-05-31", "accounts": [{"business": "11"}]}', 'undated: "' || t || '"')
FROM unnest('{"",--,2023,2023-05,202305,2023/05,1900-01-01,9999-12-31,0001-01-01}'::text[]) t;
SELECT throws_ok(format('SELECT pg_temp.document(''2024-05-31'', pg_temp.account(''ED01AD05'', ''11'', ''ED01AR01'', %L))::credit_report', t), '22007', NULL, 'no date of an account: "' || t || '"')
FROM unnest('{2023-13,2023-00,2023-5,20235,202,23-05-31}'::text[]) t;

-- The first credit year
SELECT is((pg_temp.document('2024-05-31', jsonb_build_object('EB01', jsonb_build_object('EB01AR01', t))))::credit_report::text, v, 'first credit year: "' || t || '"')
FROM (VALUES ('2015', '{"report_date": "2024-05-31", "first_credit_year": 2015}'), ('2015-06-01', '{"report_date": "2024-05-31", "first_credit_year": 2015}'),
	('1900', '{"report_date": "2024-05-31"}'), ('9999', '{"report_date": "2024-05-31"}'), ('0001', '{"report_date": "2024-05-31"}'), ('--', '{"report_date": "2024-05-31"}')) x(t, v);
SELECT throws_ok(format('SELECT pg_temp.document(''2024-05-31'', ''{"EB01": {"EB01AR01": "%s"}}'')::credit_report', t), e, NULL, 'no first credit year: "' || t || '"')
FROM (VALUES ('15', '22007'), ('year', '22007'), ('2618', '22003'), ('0002', '22003')) x(t, e);

-- Amounts are asked only whether they are above 0; texts may be of any length, codes and ids may not.
SELECT is(never_borrowed(pg_temp.document('2024-05-31', pg_temp.account('ED01AD05', '11', 'ED01AD02', 'R1', 'ED01AR01', '2023-02-01', 'ED01AJ01', a, 'ED01BJ01', b))::credit_report), never,
	format('R1 of %s with a balance of %s', a, b))
FROM (VALUES ('0', '0', true), ('0.00', '', true), ('0', '-5', true), ('0', '0.01', false), ('', '0', false), ('500000', '0', false)) x(a, b, never);
SELECT is((pg_temp.document('2024-05-31', pg_temp.account('ED01AD05', '11', 'ED01AQ01', repeat('x', 1000), 'ED01BJ01', repeat('0', 1000))))::credit_report::text,
	'{"report_date": "2024-05-31", "accounts": [{"business": "11"}]}', 'texts and amounts of any length');
SELECT throws_ok(format('SELECT pg_temp.document(''2024-05-31'', pg_temp.account(''ED01AI01'', repeat(''x'', 256), ''ED01AD05'', ''11''))::credit_report'), '54000', NULL, 'an id of 256 bytes');
SELECT is((pg_temp.document('2024-05-31', pg_temp.account('ED01AI01', repeat('x', 255))))::credit_report::text,
	format('{"report_date": "2024-05-31", "accounts": [{"id": "%s"}]}', repeat('x', 255)), 'an id of 255 bytes');

-- Summaries: classes that are not known are of the other classes; discounts are 4.
SELECT is((pg_temp.document('2024-05-31', jsonb_build_object('EBB', jsonb_build_object('EB02', jsonb_build_object('EB02AH', jsonb_build_object('EB02AD01', class, 'EB02AD02', '0', 'EB02AS03', '2'))))))::credit_report::text,
	v, 'EB02 class ' || class)
FROM (VALUES ('1', '{"report_date": "2024-05-31", "summary_borrowings": 2}'), ('7', '{"report_date": "2024-05-31", "summary_borrowings": 2}'),
	('12', '{"report_date": "2024-05-31", "summary_borrowings": 2}'), ('4', '{"report_date": "2024-05-31", "undated_discounts": 2}')) x(class, v);

-- More rules than fit at first; a code is not a rule of another list.
CREATE TEMP TABLE many_rules AS
SELECT jsonb_build_object('enterprise', (SELECT jsonb_object_agg(c::text, true) FROM generate_series(60, 99) c), 'class', '{"R4": null, "Q9": true}'::jsonb) AS rules;
SELECT is(array_agg(never_borrowed(format('{"report_date": "2024-05-31", "accounts": [{"business": "%s", "opened_on": "2023-02-01"}]}', c)::credit_report, '2024-05-31', codes => rules) ORDER BY c),
	array_fill(true, ARRAY[2]) || array_fill(false, ARRAY[40]), 'forty rules') FROM many_rules, generate_series(58, 99) c;
SELECT is(never_borrowed('{"report_date": "2024-05-31", "subject": "person", "accounts": [{"business": "70", "opened_on": "2023-02-01"}]}', '2024-05-31', codes => rules), true,
	'rules of enterprises are not for persons') FROM many_rules;

-- What stands where it does not belong is shown; null as such.
SELECT throws_like(format('SELECT %L::credit_report', t), '%' || shown || '%', 'shown: ' || t)
FROM (VALUES ('{"accounts": true}', 'true'), ('{"accounts": 12.5}', '12.5'), ('{"merged": null}', 'null'), ('{"merged": [null]}', 'null'), ('[]', '[]'), ('null', 'null')) x(t, shown);

---------------------------------------------------------------------------
-- States: partial results that come as values, as from another server
---------------------------------------------------------------------------

CREATE AGGREGATE pg_temp.agg_of_values(credit_report) (SFUNC = credit_report_combine, STYPE = credit_report, FINALFUNC = credit_report_final);
CREATE AGGREGATE pg_temp.merge_of_values(credit_report) (SFUNC = credit_report_merge_combine, STYPE = credit_report, FINALFUNC = credit_report_merge_final);
CREATE TEMP TABLE parts AS
SELECT i % 7 AS part, credit_report_agg(date '2023-01-01' + i * 17 % 100, CASE WHEN i % 5 > 0 THEN '1' || i % 5 END, date '2024-05-01' + i % 28, CASE WHEN i % 4 = 0 THEN 'D1' END, 'A' || i) AS r
FROM generate_series(1, 90) i GROUP BY 1;
SELECT is(pg_temp.agg_of_values(r), (SELECT credit_report_agg(date '2023-01-01' + i * 17 % 100, CASE WHEN i % 5 > 0 THEN '1' || i % 5 END, date '2024-05-01' + i % 28, CASE WHEN i % 4 = 0 THEN 'D1' END, 'A' || i)
	FROM generate_series(1, 90) i), 'credit_report_agg of finished parts') FROM parts;
SELECT is(pg_temp.agg_of_values(r), NULL::credit_report, 'and of none') FROM (SELECT NULL::credit_report AS r FROM generate_series(1, 3)) x;
SELECT is(pg_temp.agg_of_values(CASE WHEN part = 3 THEN r END), (SELECT r FROM parts WHERE part = 3), 'and of one among NULLs') FROM parts;
SELECT is(pg_temp.agg_of_values(r), '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "41"}, {"business": "51"}]}', 'and of a person')
FROM unnest(ARRAY['{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "41"}]}', '{"subject": "person", "accounts": [{"business": "51"}]}']::credit_report[]) r;
SELECT is(pg_temp.merge_of_values(r), merge(r), 'merge of finished parts') FROM parts;
SELECT is(pg_temp.merge_of_values(m), (SELECT merge(r) FROM parts), 'merge of merged ones') FROM (SELECT merge(r) AS m FROM parts GROUP BY part % 3) x;
SELECT is(pg_temp.merge_of_values(r), NULL::credit_report, 'and of none') FROM (SELECT NULL::credit_report AS r FROM generate_series(1, 3)) x;
SELECT is(pg_temp.merge_of_values(CASE WHEN part = 3 THEN r END), (SELECT r FROM parts WHERE part = 3), 'and of one among NULLs') FROM parts;
SELECT throws_ok(format('SELECT %s', f), '0A000', NULL, 'not outside of an aggregate: ' || f)
FROM unnest('{"credit_report_combine(''{}'', ''{}'')","credit_report_merge_combine(''{}'', ''{}'')","credit_report_merge_accum(''{}'', ''{}'')","credit_report_accum(''{}'', NULL, ''11'')"}'::text[]) f;

---------------------------------------------------------------------------
-- Stored values that are cut off: damaged, whoever reads them
---------------------------------------------------------------------------

CREATE CAST (bytea AS credit_report) WITHOUT FUNCTION;
CREATE CAST (credit_report AS bytea) WITHOUT FUNCTION;
CREATE FUNCTION pg_temp.reads(r credit_report) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	what text;
BEGIN
	FOREACH what IN ARRAY '{$1::text,credit_report_send($1),"(SELECT count(*) FROM accounts($1))","(SELECT count(*) FROM credit_report_evidence($1))","(SELECT count(*) FROM credit_report_warnings($1))","never_borrowed($1, ''2024-05-31'', codes => ''{\"class\": {\"D1\": true}}'')","merge($1)::text"}'::text[] LOOP
		BEGIN
			EXECUTE format('SELECT %s', what) USING r;
			RETURN NEXT what;
		EXCEPTION WHEN data_corrupted OR feature_not_supported THEN NULL;
		END;
	END LOOP;
END $$;
CREATE TEMP TABLE whole AS
SELECT name, r, r::bytea AS b FROM (VALUES
	('plain', '{"report_date": "2024-05-31", "undated_discounts": 3, "accounts": [{"id": "A1", "business": "11", "class": "D1", "opened_on": "2023-02-01"}, {"business": "贷款", "class": "长"}]}'::credit_report),
	('counts beside it', '{"report_date": "2024-05-31", "summary_borrowings": 4000, "undated_discounts": 4000, "institutions_ever": 70, "first_credit_year": 2600}')) v(name, r)
UNION ALL
SELECT 'merged', m, m::bytea FROM (SELECT merge(r) AS m FROM parts WHERE part < 3) x;
SELECT is(array(SELECT n || ': ' || pg_temp.reads(substring(b FOR n)::credit_report) FROM generate_series(0, length(b) - 1) n), '{}', 'cut off anywhere: ' || name) FROM whole;
SELECT is((SELECT count(*) FROM pg_temp.reads(r)), 7::bigint, 'and whole: ' || name) FROM whole;
-- A merged report that holds a merged one
CREATE FUNCTION pg_temp.word(n int) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(string_agg(lpad(to_hex(n >> s & 255), 2, '0'), '' ORDER BY s), 'hex') FROM unnest('{0,8,16,24}'::int[]) s $$;
SELECT is(array(SELECT pg_temp.reads((substring(b FOR 12) || pg_temp.word(length(b)) || b || pg_temp.word(length(c)) || c || pg_temp.word(length(d)) || d)::credit_report)), '{}', 'merged in merged')
FROM (SELECT b, (SELECT merge(r) FROM parts WHERE part IN (3, 4))::bytea AS c, (SELECT merge(r) FROM parts WHERE part IN (5, 6))::bytea AS d FROM whole WHERE name = 'merged') x;
SELECT is((SELECT count(*) FROM pg_temp.reads((substring(b FOR 12) || (SELECT string_agg(pg_temp.word(length(r::bytea)) || r::bytea, '' ORDER BY r) FROM parts WHERE part < 3))::credit_report)), 7::bigint,
	'as it is merged') FROM whole WHERE name = 'merged';

---------------------------------------------------------------------------
-- Classification
---------------------------------------------------------------------------

SELECT is(enterprise_scale(i, 5, 100, 100), NULL, 'no section of GB/T 4754: ' || i) FROM unnest('{U,Z,""}'::text[]) i;
SELECT is(enterprise_scale(i, 5, 100, 100), 'micro', 'a section of one group: ' || i) FROM unnest('{E,F51,C}'::text[]) i;
-- A label that was renamed: the error says so, and nothing crashes.
ALTER TYPE enterprise_scale RENAME VALUE 'micro' TO 'tiny';
SELECT throws_ok($$SELECT enterprise_scale('C13', 5, 100, 100)$$, '42704', NULL, 'a renamed label');
ALTER TYPE enterprise_scale RENAME VALUE 'tiny' TO 'micro';
SELECT is(enterprise_scale('C13', 5, 100, 100), 'micro', 'and renamed back');

---------------------------------------------------------------------------
-- States of first_loan_set with a period, as text and as sent: so Citus moves
-- them between servers.  An aggregate without a final function gives the state;
-- the combine function and the final one, under arguments that no aggregate of
-- ours has, take it.
---------------------------------------------------------------------------

CREATE AGGREGATE pg_temp.refs_state(anyelement, date, anycompatible, daterange) (SFUNC = first_loan_set_accum, STYPE = first_loan_set);
CREATE AGGREGATE pg_temp.count_state(anyelement, date, "any", anycompatible, boolean, daterange) (SFUNC = first_loan_count_accum, STYPE = first_loan_set);
SELECT format('CREATE FUNCTION pg_temp.unite(first_loan_set, first_loan_set, %s) RETURNS first_loan_set LANGUAGE c AS %L, %L', arguments, probin, prosrc)
FROM pg_proc, unnest('{"date, int, daterange","date, text, int, boolean, daterange"}'::text[]) arguments
WHERE oid = 'first_loan_set_combine(first_loan_set, first_loan_set)'::regprocedure \gexec
CREATE AGGREGATE pg_temp.refs_of_states(first_loan_set, date, int, daterange) (SFUNC = pg_temp.unite, STYPE = first_loan_set, FINALFUNC = first_loan_refs_final, FINALFUNC_EXTRA);
CREATE AGGREGATE pg_temp.count_of_states(first_loan_set, date, text, int, boolean, daterange) (SFUNC = pg_temp.unite, STYPE = first_loan_set, FINALFUNC = first_loan_count_final, FINALFUNC_EXTRA);

CREATE TEMP TABLE loan AS
SELECT i % 40 AS b, date '2024-01-01' + i * 37 % 200 AS d, 'Bank ' || i % 3 AS bank, i AS r, i % 4 > 0 AS ok, i % 5 AS part FROM generate_series(1, 120) i;
CREATE TEMP VIEW first_of_all AS SELECT DISTINCT ON (b) * FROM loan ORDER BY b, d, r;
CREATE TEMP TABLE period (no serial, p daterange, shown text);
INSERT INTO period (p, shown) VALUES ('[2024-02-01,2024-05-01)', '["2024-02-01", "2024-05-01"]'), ('[2024-02-01,2024-04-30]', '["2024-02-01", "2024-05-01"]'),
	('(2024-01-31,)', '["2024-02-01", null]'), ('(,2024-05-01)', '[null, "2024-05-01"]'), ('(,)', '[null, null]'), ('[2024-02-01,infinity]', '["2024-02-01", null]'),
	('[2024-02-01,infinity)', '["2024-02-01", null]'), ('[-infinity,2024-05-01)', '[null, "2024-05-01"]'), (NULL, 'null'), ('empty', NULL);
SELECT is((SELECT pg_temp.refs_state(b, date '2024-01-05', b + 10, p) FROM (VALUES (7)) x(b))::text,
	format('{"borrower": "integer", "granted_on": "date", "ref": "integer", "period": %s, "members": [["7", "2024-01-05", "17"]]}', shown), format('text of a state, period %s', p))
FROM period WHERE shown IS NOT NULL ORDER BY no;

CREATE TEMP TABLE sent AS
SELECT no, part, p, pg_temp.refs_state(b, d, r, p) AS refs, pg_temp.count_state(b, d, bank, r, ok, p) AS counts FROM period, loan GROUP BY no, part, p;
CREATE TEMP TABLE received (LIKE sent);
DO $$
DECLARE
	file text := current_setting('data_directory') || '/first_loan_states.copy';
BEGIN
	EXECUTE format('COPY sent TO %L (FORMAT binary)', file);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
END $$;
CREATE TEMP VIEW moved AS
SELECT 'as text' AS how, no, part, refs::text::first_loan_set AS refs, counts::text::first_loan_set AS counts FROM sent
UNION ALL SELECT 'as sent', no, part, refs, counts FROM received
UNION ALL SELECT 'each its own way', s.no, s.part, CASE s.part % 3 WHEN 0 THEN s.refs WHEN 1 THEN s.refs::text::first_loan_set ELSE r.refs END,
	CASE s.part % 3 WHEN 0 THEN r.counts WHEN 1 THEN s.counts ELSE s.counts::text::first_loan_set END
FROM sent s JOIN received r USING (no, part);
SELECT is((SELECT pg_temp.refs_of_states(refs, NULL, NULL, p) FROM moved m WHERE m.no = period.no AND m.how = h),
	CASE WHEN p IS NOT NULL THEN array(SELECT r FROM first_of_all WHERE d <@ p ORDER BY d, r) END, format('refs of states moved %s, period %s', h, p))
FROM period, unnest('{as text,as sent,each its own way}'::text[]) h ORDER BY no, h;
SELECT is((SELECT pg_temp.count_of_states(counts, NULL, NULL::text, NULL, NULL, p) FROM moved m WHERE m.no = period.no AND m.how = h),
	CASE WHEN p IS NOT NULL THEN array(SELECT (bank, count(*))::institution_households FROM first_of_all WHERE ok AND d <@ p GROUP BY bank ORDER BY bank) END,
	format('counts of states moved %s, period %s', h, p))
FROM period, unnest('{as text,as sent,each its own way}'::text[]) h ORDER BY no, h;
SELECT throws_ok(format($q$SELECT pg_temp.refs_of_states(s, NULL, NULL, NULL) FROM unnest(ARRAY['{"borrower": "int", "granted_on": "date", "ref": "int", "period": ["2024-01-01", "2024-04-01"], "members": []}',
		'{"borrower": "int", "granted_on": "date", "ref": "int", %s"members": []}']::first_loan_set[]) s$q$, other), '22023', NULL, format('states whose periods differ: %s', other))
FROM unnest('{"\"period\": [\"2024-01-01\", \"2024-07-01\"], ","\"period\": [null, \"2024-04-01\"], ","\"period\": null, ",""}'::text[]) other;

-- What is no state.  Where errors may be soft they are.
CREATE FUNCTION pg_temp.valid(text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	soft CONSTANT boolean := current_setting('server_version_num')::int >= 160000;
	answer boolean := true;
BEGIN
	IF soft THEN
		EXECUTE 'SELECT pg_input_is_valid($1, ''first_loan.first_loan_set'')' INTO answer USING $1;
	ELSE
		PERFORM $1::first_loan_set;
	END IF;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN soft;
END $$;
CREATE TEMP TABLE no_state AS
SELECT format('{"borrower": "int", "granted_on": "date", "ref": "int", "period": %s, "members": []}', t) AS t, e
FROM (VALUES ('["2024-01-01"]', '22P02'), ('["2024-01-01", "2024-02-01", "2024-03-01"]', '22P02'), ('["2024-01-01", 5]', '22P02'), ('[true, null]', '22P02'), ('[]', '22P02'),
	('"2024Q1"', '22P02'), ('7', '22P02'), ('true', '22P02'), ('{}', '22P02'), ('[["2024-01-01", null]]', '22P02'), ('["soon", null]', '22007'), ('[null, "2024-13-01"]', '22008'),
	('null, "period": null', '22P02')) x(t, e)
UNION ALL VALUES ('{"borrower": "int", "granted_on": "date", "ref": "int", "members": [], "period": null}', '22P02'), ('{"borrower": "int", "granted_on": "day", "ref": "int", "members": []}', '22P02'),
	('{"granted_on": "date", "ref": "int", "members": []}', '22P02'), ('{"borrower": "point", "granted_on": "date", "ref": "int", "members": []}', '42883'),
	('{"borrower": "int", "granted_on": "date", "ref": "int", "members": [["x", "2024-01-01", "1"]]}', '22P02'), ('{"borrower": "int", "granted_on": "date", "ref": "int", "members": [["1", "2024-01-32", "1"]]}', '22008');
SELECT throws_ok(format('SELECT %L::first_loan_set', t), e, NULL, 'no state: ' || t) FROM no_state;
SELECT is(pg_temp.valid(t), false, 'and not valid: ' || t) FROM no_state;
SELECT ok(pg_temp.valid('{"borrower": "int", "granted_on": "date", "ref": "int", "period": [null, null], "members": []}'), 'valid');

---------------------------------------------------------------------------
-- XML: more than fits into the notes at first, names of any length, an interrupt
---------------------------------------------------------------------------

CREATE TEMP TABLE large AS
SELECT format('<Document><EAA><EA01><EA01AR01>2024-05-31</EA01AR01><EA01CI01>X</EA01CI01></EA01></EAA><EDA>%s</EDA></Document>',
		string_agg(format('<ED01><ED01AI01>A%s</ED01AI01><ED01AD05>11</ED01AD05><ED01AR01>%s</ED01AR01></ED01>', i, date '2000-01-01' + i), '' ORDER BY i)) AS document,
	jsonb_build_object('report_date', '2024-05-31', 'accounts', jsonb_agg(jsonb_build_object('id', 'A' || i, 'business', '11', 'opened_on', date '2000-01-01' + i) ORDER BY i)) AS report
FROM generate_series(1, 3000) i;
SELECT ok(document::xml::credit_report = report::text::credit_report, 'an XML document of 3,000 accounts') FROM large;
SELECT ok(regexp_replace(document, place, replace('\&<X>1</X>', 'X', repeat('c', length)))::xml::credit_report = report::text::credit_report, format('a name of %s letters after %s', length, place))
FROM large, unnest('{<EDA>,<ED01>,<Document>}'::text[]) place, unnest('{255,256,3000}'::int[]) length;
-- Read on, it would meet what is no document.
CREATE FUNCTION pg_temp.cancelled(x xml) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM (CASE WHEN pg_cancel_backend(pg_backend_pid()) THEN x END)::credit_report;
	RETURN 'read';
EXCEPTION WHEN query_canceled OR invalid_xml_document THEN
	RETURN sqlstate;
END $$;
SELECT throws_ok($$SELECT '<a/><b/>'::xml::credit_report$$, '2200M', NULL, 'no document');
SELECT is(pg_temp.cancelled('<a/><b/>'), '57014', 'a reader of XML that is interrupted');

---------------------------------------------------------------------------
-- Notes of changes: columns of other types, many values, triggers that are wrong
---------------------------------------------------------------------------

CREATE TABLE tracked (number int, padded char(12), code uscc, several int[], borrower text);
CREATE VIEW tracked_borrowings AS SELECT number::text AS borrower, 'K1' AS institution, date '2024-01-01' AS granted_on, borrower AS ref, 'loan' AS instrument, 1::numeric AS amount FROM tracked;
SELECT create_monitor('edges', 'tracked_borrowings');
SELECT track('edges', 'tracked', attname) FROM pg_attribute WHERE attrelid = 'tracked'::regclass AND attnum > 0;
SELECT refresh('edges');
INSERT INTO tracked VALUES (-7, 'AB', '91350500587527783P', '{1,2}', ' x '), (NULL, '', NULL, NULL, '');
SELECT bag_eq('SELECT borrower FROM edges.changes', 'SELECT t FROM tracked, unnest(ARRAY[number::text, padded::text, code::text, several::text, borrower]) t WHERE t IS NOT NULL', 'noted as text would be');
SELECT refresh('edges');
INSERT INTO tracked (borrower) SELECT 'H' || i % 250001 FROM generate_series(1, 300000) i;
SELECT set_eq('SELECT borrower FROM edges.changes', 'SELECT ''H'' || i FROM generate_series(0, 250000) i', 'more values than are held');
SELECT refresh('edges');
UPDATE tracked SET several = ARRAY[length(borrower)] WHERE borrower IN ('H7', 'H8');
SELECT bag_eq('SELECT borrower FROM edges.changes', $$VALUES ('{2}'), ('H7'), ('H8')$$, 'each column by its own trigger');
DROP TABLE tracked CASCADE;
CREATE TABLE tracked (borrower text);
SELECT throws_ok(format('CREATE TRIGGER wrong %s EXECUTE FUNCTION note_changes(%s); INSERT INTO tracked VALUES (''A'')', kind, arguments), e, NULL, format('a trigger %s, of (%s)', kind, arguments))
FROM (VALUES ('BEFORE INSERT ON tracked', '''edges'', ''borrower''', '39P01'), ('AFTER INSERT ON tracked FOR EACH ROW', '''edges'', ''borrower''', '39P01'), ('AFTER INSERT ON tracked', '', '39P01'),
	('AFTER INSERT ON tracked', '''no such monitor''', '42704'), ('AFTER INSERT ON tracked REFERENCING NEW TABLE AS new', '''edges'', ''no such column''', '42703')) x(kind, arguments, e);

SELECT * FROM finish();
ROLLBACK;
