-- The evidence behind an answer, the verdict on a drawdown, several reports as one.
\set QUIET 1
\set ON_ERROR_ROLLBACK 1
\set ON_ERROR_STOP true
\pset format unaligned
\pset tuples_only true
\pset pager off

BEGIN;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS first_loan;
SET search_path = first_loan, public;
SET datestyle = 'ISO, YMD';

SELECT plan(96);

/* The rules: domain.md, section 4, row by row.  The first row of each is the report. */
CREATE TEMP TABLE rules (what text, report text, as_of date, evidence text, counts boolean, rule text);
INSERT INTO rules VALUES
	('11', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 11, 12, 13, 16: borrowed'),
	('12', '{"report_date": "2024-05-31", "accounts": [{"business": "12", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 11, 12, 13, 16: borrowed'),
	('13', '{"report_date": "2024-05-31", "accounts": [{"business": "13", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 11, 12, 13, 16: borrowed'),
	('16', '{"report_date": "2024-05-31", "accounts": [{"business": "16", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 11, 12, 13, 16: borrowed'),
	('21', '{"report_date": "2024-05-31", "accounts": [{"business": "21", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 21 or AD02 = D2, a discount: borrowed'),
	('D2', '{"report_date": "2024-05-31", "accounts": [{"business": "99", "class": "D2", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 21 or AD02 = D2, a discount: borrowed'),
	('ED02', '{"report_date": "2024-05-31", "undated_discounts": 2}', '2024-06-01', 'undated discounts', true, 'ED02, or EB02 class 4, above 0: borrowed (a discount); no date, in a report from before the date asked about'),
	('ED02, report of the day', '{"report_date": "2024-05-31", "undated_discounts": 2}', '2024-05-31', 'undated discounts', NULL, 'ED02, or EB02 class 4, above 0: borrowed (a discount); no date: it may be the borrowing asked about'),
	('41', '{"report_date": "2024-05-31", "accounts": [{"business": "41", "class": "C1", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 41, an advance: borrowed by default'),
	('51', '{"report_date": "2024-05-31", "accounts": [{"business": "51", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 51 or AD02 = C1, a disposed asset: borrowed by default'),
	('C1', '{"report_date": "2024-05-31", "accounts": [{"class": "C1", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 51 or AD02 = C1, a disposed asset: borrowed by default'),
	('14', '{"report_date": "2024-05-31", "accounts": [{"business": "14", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'AD05 = 14, a lease: borrowed by default'),
	('10', '{"report_date": "2024-05-31", "accounts": [{"business": "10", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'AD05 = 10, 15, 31: not a borrowing'),
	('15', '{"report_date": "2024-05-31", "accounts": [{"business": "15", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'AD05 = 10, 15, 31: not a borrowing'),
	('31', '{"report_date": "2024-05-31", "accounts": [{"business": "31", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'AD05 = 10, 15, 31: not a borrowing'),
	('99', '{"report_date": "2024-05-31", "accounts": [{"business": "99", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'AD05 not in the list: not a borrowing, see credit_report_warnings'),
	('no code', '{"report_date": "2024-05-31", "accounts": [{"class": "D1", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'AD05 absent: not a borrowing'),
	('EB03', '{"report_date": "2024-05-31", "guarantee_transactions": true}', '2024-05-31', 'guarantee transactions', false, 'EB03, ED04, ED05: not a borrowing'),
	('R1 undrawn', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "class": "R1", "drawn": false, "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'R1 opened, never drawn: not a borrowing by default'),
	('EB01AR01 explained', '{"report_date": "2024-05-31", "guarantee_transactions": true, "first_credit_year": 2015}', '2024-05-31', 'first credit year', false, 'EB01AR01 filled, explained by what else is on record: not by itself'),
	('EB01AS01 explained', '{"report_date": "2024-05-31", "guarantee_transactions": true, "institutions_ever": 2}', '2024-05-31', 'institutions ever', false, 'EB01AS01 filled, explained by what else is on record: not by itself'),
	('EB01AR01 unexplained', '{"report_date": "2024-05-31", "first_credit_year": 2015}', '2024-05-31', 'first credit year', NULL, 'EB01AR01 filled, nothing explains it: cannot be told'),
	('EB01AS01 unexplained', '{"report_date": "2024-05-31", "institutions_ever": 2}', '2024-05-31', 'institutions ever', NULL, 'EB01AS01 filled, nothing explains it: cannot be told'),
	('EB02 1-3 without accounts', '{"report_date": "2024-05-31", "summary_borrowings": 2}', '2024-05-31', 'summary of borrowings', NULL, 'EB02 classes 1-3 above 0 without accounts: cannot be told by default'),
	('EB02 1-3 beside accounts', '{"report_date": "2024-05-31", "summary_borrowings": 2, "accounts": [{"business": "10"}]}', '2024-05-31', 'summary of borrowings', false, 'EB02 classes 1-3 above 0 beside accounts: these tell'),
	('disputed', '{"report_date": "2024-05-31", "disputed": true}', '2024-05-31', 'report', NULL, 'report under dispute: cannot be told'),
	('a loan in a disputed report', '{"report_date": "2024-05-31", "disputed": true, "accounts": [{"business": "11", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', NULL, 'AD05 = 11, 12, 13, 16: borrowed; the report is under dispute'),
	('a loan of the day', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-05-20"}]}', '2024-05-20', 'account', false, 'AD05 = 11, 12, 13, 16: borrowed; not before the date asked about'),
	('a loan without a date', '{"report_date": "2024-05-31", "accounts": [{"business": "11"}]}', '2024-05-20', 'account', NULL, 'AD05 = 11, 12, 13, 16: borrowed; no date: it may be the borrowing asked about'),
	('a report of the day', '{"report_date": "2024-05-31"}', '2024-05-31', 'report', false, 'report of the date asked about or later, or within the lag'),
	('an older report', '{"report_date": "2024-05-31"}', '2024-06-01', 'report', NULL, 'report older than the date asked about: cannot be told'),
	('a report without a date', '{}', '2024-06-01', 'report', NULL, 'report without a date: cannot be told'),
	('PD01AD03 41', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "41", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'PD01AD03 = 41, 52, business purpose: borrowed'),
	('PD01AD03 51', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "51", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', NULL, 'PD01AD03 = 51: cannot be told'),
	('PD01AD03 52', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "52", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', true, 'PD01AD03 = 41, 52, business purpose: borrowed'),
	('PD01AD03 81', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "81", "opened_on": "2023-02-01"}]}', '2024-05-31', 'account', false, 'another PD01AD03: no business purpose');
SELECT results_eq(format('SELECT counts, rule FROM credit_report_evidence(%L, %L) WHERE evidence = %L', report, as_of, evidence), format('VALUES (%L::boolean, %L)', counts, rule), 'evidence: ' || what) FROM rules;
SELECT is((SELECT array_agg(evidence ORDER BY evidence) FROM credit_report_evidence('{"report_date": "2024-05-31", "accounts": [{"business": "11"}, {"business": "10"}], "undated_discounts": 3, "summary_borrowings": 4, "guarantee_transactions": true, "first_credit_year": 2014, "institutions_ever": 5}')),
	'{account,account,"first credit year","guarantee transactions","institutions ever",report,"summary of borrowings","undated discounts"}', 'one row a piece');
SELECT results_eq($$SELECT evidence, account_id, business_code, account_class, dated, number FROM credit_report_evidence('{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11", "class": "D1", "opened_on": "2023-02-01"}], "undated_discounts": 3}')$$,
	$$VALUES ('report', NULL, NULL, NULL, '2024-05-31'::date, NULL::int), ('account', 'A1', '11', 'D1', '2023-02-01', NULL), ('undated discounts', NULL, NULL, NULL, NULL, 3)$$, 'what it is, and when');
SELECT is((SELECT rule FROM credit_report_evidence('{"report_date": "2024-05-31", "accounts": [{"business": "14", "opened_on": "2023-02-01"}]}', '2024-05-31', leasing => false) WHERE evidence = 'account'),
	'AD05 = 14, a lease: borrowed by default; turned off by the caller', 'an option');
SELECT is((SELECT rule FROM credit_report_evidence('{"report_date": "2024-05-31", "accounts": [{"business": "98", "opened_on": "2023-02-01"}]}', '2024-05-31', codes => '{"enterprise": {"98": true}}') WHERE evidence = 'account'),
	'the caller''s codes: borrowed', 'the caller''s codes');
SELECT is_empty($$SELECT * FROM credit_report_evidence(NULL::credit_report)$$, 'no report, no evidence');
SELECT throws_ok($$SELECT * FROM credit_report_evidence('{}', '2024-05-31', -1)$$, '22003', NULL, 'a negative lag is an error');

/* The answer follows from the evidence, and the verdict from both. */
\ir ../corpus/random_reports.sql
CREATE TEMP TABLE questions AS
	SELECT n, household, report, as_of, lag, advances, disposed, leasing, undrawn, summary, codes
	FROM (SELECT n, n % 700 AS household, doc::text::credit_report AS report FROM random_reports) r,
		LATERAL (SELECT date '2024-01-03' + floor(random() * 8)::int + 0 * n AS as_of, floor(random() * 4)::int AS lag,
			random() < 0.7 AS advances, random() < 0.7 AS disposed, random() < 0.7 AS leasing, random() < 0.3 AS undrawn, random() < 0.3 AS summary,
			CASE WHEN random() < 0.8 THEN '{}'::jsonb ELSE '{"enterprise": {"99": true, "15": null, "11": false}, "person": {"51": false, "71": null}, "class": {"R4": null}}' END AS codes
			FROM generate_series(1, 3)) q;
CREATE FUNCTION pg_temp.follows(report_no int[], counts boolean[]) RETURNS boolean LANGUAGE sql AS $$
	SELECT CASE WHEN bool_or(NOT never) THEN false WHEN bool_or(never) THEN true END
	FROM (SELECT CASE WHEN bool_or(c) THEN false WHEN bool_or(c IS NULL) THEN NULL ELSE true END AS never
		FROM unnest(report_no, counts) u (n, c) GROUP BY n) s
$$;
SELECT is_empty($$SELECT report FROM questions, LATERAL (SELECT pg_temp.follows(array_agg(report_no), array_agg(counts)) AS never FROM credit_report_evidence(report)) e
	WHERE never_borrowed(report) IS DISTINCT FROM e.never$$, 'random reports: the answer follows from the evidence');
SELECT is_empty($$SELECT report, as_of FROM questions, LATERAL (SELECT pg_temp.follows(array_agg(report_no), array_agg(counts)) AS never FROM credit_report_evidence(report, as_of)) e
	WHERE never_borrowed(report, as_of) IS DISTINCT FROM e.never$$, 'random reports: as of a date');
SELECT is_empty($$SELECT report, as_of, lag FROM questions, LATERAL (SELECT pg_temp.follows(array_agg(report_no), array_agg(counts)) AS never
		FROM credit_report_evidence(report, as_of, lag, advances, disposed, leasing, undrawn, summary, codes)) e
	WHERE never_borrowed(report, as_of, lag, advances, disposed, leasing, undrawn, summary, codes) IS DISTINCT FROM e.never$$, 'random reports: under options');
SELECT is_empty($$SELECT report FROM questions, unnest(ARRAY['infinity', '-infinity']::date[]) d, LATERAL (SELECT pg_temp.follows(array_agg(report_no), array_agg(counts)) AS never FROM credit_report_evidence(report, d)) e
	WHERE never_borrowed(report, d) IS DISTINCT FROM e.never$$, 'random reports: as of the ends of time');
SELECT is_empty($$SELECT report FROM questions WHERE (SELECT count(*) FROM credit_report_evidence(report) WHERE evidence = 'account') <> (SELECT count(*) FROM accounts(report))$$, 'every account is a row');
SELECT is_empty($$SELECT report, as_of, v.* FROM questions, LATERAL first_loan_verdict(as_of, report, lag, advances, disposed, leasing, undrawn, summary, codes) v
	WHERE verdict IS DISTINCT FROM CASE never_borrowed(report, as_of, lag, advances, disposed, leasing, undrawn, summary, codes) WHEN true THEN 'confirmed' WHEN false THEN 'refuted' ELSE 'unverified' END$$,
	'random reports: the verdict is the answer');
SELECT is_empty($$SELECT report, as_of, v.* FROM questions, LATERAL first_loan_verdict(as_of, report) v
	WHERE borrowed_on IS DISTINCT FROM CASE WHEN verdict = 'refuted' THEN (SELECT min(opened_on) FROM accounts(report) WHERE counts AND opened_on < as_of) END OR reason IS NULL OR reason = ''$$,
	'random reports: refuted by the first borrowing');

/* The verdict */
SELECT is(first_loan_verdict(drawn_on, report::credit_report)::text, told, 'verdict: ' || told)
FROM (VALUES
	('2024-05-20'::date, '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11", "opened_on": "2024-05-20"}]}', '(confirmed,,"report of 2024-05-31: nothing that counts before the drawdown")'),
	('2024-05-20', '{"report_date": "2024-05-31", "accounts": [{"id": "A1", "business": "11", "opened_on": "2022-05-20"}, {"id": "A2", "business": "21", "class": "D2", "opened_on": "2020-03-01"}]}', '(refuted,2020-03-01,"account ""A2"" of business 21 of class D2 opened on 2020-03-01: AD05 = 21 or AD02 = D2, a discount: borrowed")'),
	('2024-06-01', '{"report_date": "2024-05-31", "undated_discounts": 2}', '(refuted,,"undated discounts: 2, in the report of 2024-05-31: ED02, or EB02 class 4, above 0: borrowed (a discount); no date, in a report from before the date asked about")'),
	('2024-05-31', '{"report_date": "2024-05-31", "undated_discounts": 2}', '(unverified,,"undated discounts: 2, in the report of 2024-05-31: ED02, or EB02 class 4, above 0: borrowed (a discount); no date: it may be the borrowing asked about")'),
	('2024-06-01', '{"report_date": "2024-05-31"}', '(unverified,,"report of 2024-05-31: report older than the date asked about: cannot be told")'),
	('2024-05-31', '{"report_date": "2024-05-31", "first_credit_year": 2015}', '(unverified,,"first credit year: 2015, in the report of 2024-05-31: EB01AR01 filled, nothing explains it: cannot be told")'),
	('2024-05-31', '{"report_date": "2024-05-31", "disputed": true}', '(unverified,,"report of 2024-05-31: report under dispute: cannot be told")'),
	('2024-05-31', NULL, '(unverified,,"no credit report")'),
	(NULL, '{"report_date": "2024-05-31"}', '(unverified,,"no date of drawdown")')) v (drawn_on, report, told);
SELECT is(first_loan_verdict('2024-05-31', '{"report_date": "2024-05-31"}', NULL)::text, '(unverified,,"an option is NULL")', 'verdict: an option that is NULL');
SELECT is(verdict, 'confirmed', 'verdict: within the lag') FROM first_loan_verdict('2024-06-10', '{"report_date": "2024-05-31"}', 15);
SELECT throws_ok($$SELECT first_loan_verdict('2024-05-31', '{}', -1)$$, '22003', NULL, 'verdict: a negative lag is an error');

/* Several reports of one household. */
CREATE TEMP TABLE merged AS SELECT household, merge(report) AS m, count(DISTINCT report) AS reports FROM questions GROUP BY household;
CREATE TEMP TABLE single AS SELECT DISTINCT household, report FROM questions;
CREATE TEMP TABLE asked AS
	SELECT DISTINCT household, as_of, lag, advances, disposed, leasing, undrawn, summary, codes FROM questions;
/* What the single reports imply, each by itself; the answers for one of them are tested against plain SQL elsewhere. */
SELECT is_empty($$SELECT household, as_of FROM asked JOIN merged USING (household)
	WHERE never_borrowed(m, as_of, lag, advances, disposed, leasing, undrawn, summary, codes) IS DISTINCT FROM (
		SELECT CASE WHEN bool_or(NOT never) THEN false WHEN bool_or(never) THEN true END
		FROM (SELECT never_borrowed(report, as_of, lag, advances, disposed, leasing, undrawn, summary, codes) AS never FROM single s WHERE s.household = asked.household) a)$$,
	'merged: as the single reports imply, as of a date, under options');
SELECT is_empty($$SELECT household, as_of FROM asked JOIN merged USING (household)
	WHERE never_borrowed(m, as_of) IS DISTINCT FROM (
		SELECT CASE WHEN bool_or(NOT never) THEN false WHEN bool_or(never) THEN true END
		FROM (SELECT never_borrowed(report, as_of) AS never FROM single s WHERE s.household = asked.household) a)$$,
	'merged: as of a date');
SELECT is_empty($$SELECT household FROM merged m
	WHERE never_borrowed(m) IS DISTINCT FROM (
		SELECT CASE WHEN bool_or(NOT never_borrowed(report)) THEN false
			WHEN bool_or(never_borrowed(report) AND coalesce(report_date(report), '-infinity') = latest) THEN true END
		FROM (SELECT report, max(coalesce(report_date(report), '-infinity')) FILTER (WHERE NOT is_disputed(report)) OVER () AS latest FROM single s WHERE s.household = m.household) a)$$,
	'merged: up to the latest report, where no date is asked about');
SELECT is_empty($$SELECT household, as_of FROM asked JOIN merged USING (household), LATERAL (SELECT pg_temp.follows(array_agg(report_no), array_agg(counts)) AS never
		FROM credit_report_evidence(m, as_of, lag, advances, disposed, leasing, undrawn, summary, codes)) e
	WHERE never_borrowed(m, as_of, lag, advances, disposed, leasing, undrawn, summary, codes) IS DISTINCT FROM e.never$$, 'merged: the answer follows from the evidence');
SELECT is_empty($$SELECT household FROM merged, LATERAL (SELECT pg_temp.follows(array_agg(report_no), array_agg(counts)) AS never FROM credit_report_evidence(m)) e
	WHERE never_borrowed(m) IS DISTINCT FROM e.never$$, 'merged: so it does without a date');
SELECT is_empty($$SELECT household, v.* FROM asked JOIN merged USING (household), LATERAL first_loan_verdict(as_of, m, lag, advances, disposed, leasing, undrawn, summary, codes) v
	WHERE verdict IS DISTINCT FROM CASE never_borrowed(m, as_of, lag, advances, disposed, leasing, undrawn, summary, codes) WHEN true THEN 'confirmed' WHEN false THEN 'refuted' ELSE 'unverified' END
		OR reason IS NULL OR (verdict = 'confirmed' AND reason !~ '^report of ')$$,
	'merged: the verdict is the answer');
SELECT is_empty($$SELECT household, as_of, v.* FROM asked a JOIN merged USING (household), LATERAL first_loan_verdict(as_of, m) v
	WHERE borrowed_on IS DISTINCT FROM CASE WHEN verdict = 'refuted' THEN (SELECT min(opened_on) FROM single s, accounts(report)
		WHERE s.household = a.household AND NOT is_disputed(report) AND counts AND opened_on < as_of) END$$, 'merged: refuted by the first borrowing of all reports');
SELECT ok(count(*) FILTER (WHERE never_borrowed(m, as_of)) > 20 AND count(*) FILTER (WHERE NOT never_borrowed(m, as_of)) > 20 AND count(*) FILTER (WHERE never_borrowed(m, as_of) IS NULL) > 20, 'merged: all three answers occur')
FROM asked JOIN merged USING (household);
SELECT is_empty($$SELECT household FROM merged m WHERE report_date(m) IS DISTINCT FROM (SELECT max(report_date(report)) FROM single s WHERE s.household = m.household)
	OR first_borrowed_on(m) IS DISTINCT FROM (SELECT min(first_borrowed_on(report)) FROM single s WHERE s.household = m.household)
	OR is_disputed(m) IS DISTINCT FROM (SELECT bool_and(is_disputed(report)) FROM single s WHERE s.household = m.household)$$,
	'merged: latest report date, first borrowing of all, disputed if all are');
/* random() ids are of a report; with an id of its own each, the union is all of them */
SELECT is_empty($$SELECT household FROM merged m
	WHERE (SELECT count(*) FROM accounts(m)) <> (SELECT count(*) FILTER (WHERE account_id IS NULL) + count(DISTINCT (account_id, r.report::text LIKE '%"person"%')) FILTER (WHERE account_id IS NOT NULL)
		FROM single r, accounts(report) WHERE r.household = m.household)$$,
	'merged: the union of accounts by account id');
SELECT is_empty($$SELECT household FROM merged m
	WHERE (SELECT min(opened_on) FROM accounts(m) WHERE account_id = 'X1') IS DISTINCT FROM (SELECT min(opened_on) FROM single r, accounts(report) WHERE r.household = m.household AND account_id = 'X1')$$,
	'merged: an account has its earliest date');
SELECT is_empty($$SELECT household FROM merged JOIN (SELECT household, merge(report ORDER BY random()) AS o FROM questions GROUP BY household) o USING (household) WHERE m <> o OR m::text <> o::text$$,
	'merged: order changes nothing');
SELECT is_empty($$SELECT household FROM merged JOIN (SELECT household, merge(p) AS o FROM (SELECT household, floor(random() * 3) AS part, merge(report) AS p FROM questions GROUP BY 1, 2) s GROUP BY household) o USING (household) WHERE m <> o$$,
	'merged: grouping changes nothing');
SELECT is_empty($$SELECT household FROM merged WHERE (SELECT merge(x) FROM unnest(ARRAY[m, m, NULL, m]) x) <> m$$, 'merged: again is the same');
SELECT is_empty($$SELECT household FROM merged WHERE m::text::credit_report <> m OR m::jsonb::credit_report <> m$$, 'merged: text and back');
CREATE TEMP TABLE copied (household int, m credit_report, reports bigint);
DO $$
DECLARE
	file text := current_setting('data_directory') || '/first_loan_merged.copy';
BEGIN
	EXECUTE format('COPY merged TO %L (FORMAT binary)', file);
	EXECUTE format('COPY copied FROM %L (FORMAT binary)', file);
END
$$;
COPY (SELECT 1 WHERE false) TO PROGRAM 'rm -f first_loan_merged.copy';
SELECT is_empty($$TABLE merged EXCEPT ALL TABLE copied$$, 'merged: binary and back');
SELECT is((SELECT merge(report) FROM single WHERE false)::text, NULL, 'merged: none');
SELECT is((SELECT merge(x::credit_report) FROM unnest(ARRAY[NULL, NULL]) x)::text, NULL, 'merged: no report');
SELECT is((SELECT merge(x::credit_report) FROM unnest(ARRAY['{"report_date": "2024-05-31"}', NULL, '{"report_date": "2024-05-31"}']) x)::text, '{"report_date": "2024-05-31"}', 'merged: one');

/* As an aggregate: over a window, in a hash table that spills, in parallel, of an empty partition. */
SELECT is_empty($$SELECT household, n FROM (SELECT household, n, merge(report) OVER (PARTITION BY household ORDER BY n) AS w FROM questions WHERE household < 20) w
	WHERE w <> (SELECT merge(report) FROM questions q WHERE q.household = w.household AND q.n <= w.n)$$, 'merged: over a window');
CREATE FUNCTION pg_temp.plan_of(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS off) ' || query; END $$;
SET LOCAL enable_sort = off;
SET LOCAL work_mem = '64kB';
SELECT ok(EXISTS (SELECT FROM pg_temp.plan_of('SELECT n, merge(report) FROM questions GROUP BY n') l WHERE l LIKE '%HashAggregate%'), 'merged: a hash table');
SELECT is((SELECT count(*) FROM (SELECT n, merge(report) AS h FROM questions GROUP BY n) h JOIN (SELECT DISTINCT n, report FROM questions) q USING (n) WHERE h = report), 3000::bigint, 'merged: a hash table that spills');
RESET enable_sort;
RESET work_mem;
CREATE TABLE first_loan_halves (household int, report credit_report) PARTITION BY LIST (household);
CREATE TABLE first_loan_half_0 PARTITION OF first_loan_halves FOR VALUES IN (0);
CREATE TABLE first_loan_half_1 PARTITION OF first_loan_halves FOR VALUES IN (1);
CREATE TABLE first_loan_half_2 PARTITION OF first_loan_halves FOR VALUES IN (2);
INSERT INTO first_loan_halves SELECT household, report FROM questions WHERE household IN (0, 2);
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT ok(EXISTS (SELECT FROM pg_temp.plan_of('SELECT merge(report) FROM first_loan_halves') l WHERE l LIKE '%Partial Aggregate%'), 'merged: partial aggregates');
SELECT is((SELECT merge(report)::text FROM first_loan_halves), (SELECT merge(m)::text FROM merged WHERE household IN (0, 2)), 'merged: partial aggregates, one of them empty');
RESET enable_partitionwise_aggregate;

/* What merging is for. */
SELECT is(never_borrowed(m, as_of), never, 'merged: ' || what)
FROM (VALUES
	('an earlier report settles an undated discount: borrowed before', '{{"report_date": "2024-02-29", "undated_discounts": 1}, {"report_date": "2024-05-31", "undated_discounts": 1}}'::text, '2024-03-15'::date, false),
	('an earlier report settles an undated discount: not before', '{{"report_date": "2024-03-15"}, {"report_date": "2024-05-31", "undated_discounts": 1}}', '2024-03-15', true),
	('an earlier report that is too old settles nothing', '{{"report_date": "2024-02-29"}, {"report_date": "2024-05-31", "undated_discounts": 1}}', '2024-03-15', NULL),
	('an account that is dated in another report', '{{"report_date": "2024-02-29", "accounts": [{"id": "A", "business": "11"}]}, {"report_date": "2024-05-31", "accounts": [{"id": "A", "business": "11", "opened_on": "2023-01-01"}]}}', '2023-02-01', false),
	('a disputed report tells nothing', '{{"report_date": "2024-05-31"}, {"report_date": "2024-06-30", "disputed": true, "accounts": [{"business": "11", "opened_on": "2023-01-01"}]}}', '2024-03-15', true),
	('the owner''s report beside the firm''s', '{{"report_date": "2024-05-31"}, {"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "41", "opened_on": "2023-01-01"}]}}', '2024-03-15', false)) v (what, reports, as_of, never),
	LATERAL (SELECT merge(r::text::credit_report) AS m FROM jsonb_array_elements(('[' || substr(reports, 2, length(reports) - 2) || ']')::jsonb) r) x;
SELECT throws_ok($$SELECT '{"merged": []}'::credit_report$$, '22P02', NULL, 'merged: of nothing');
SELECT throws_ok($$SELECT '{"merged": [{"merged": [{}]}]}'::credit_report$$, '22P02', NULL, 'merged: of merged ones');
SELECT throws_ok($$SELECT '{"merged": [{}], "disputed": true}'::credit_report$$, '22P02', NULL, 'merged: and more');
SELECT throws_ok($$SELECT '{"merged": {}}'::credit_report$$, '22P02', NULL, 'merged: no array');
SELECT throws_ok($$SELECT '{"merged": [1]}'::credit_report$$, '22P02', NULL, 'merged: no reports');

SELECT * FROM finish();
ROLLBACK;
