-- What a credit report answers: domain.md, section 4, row by row.
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

SELECT plan(268);

/*
 * The evidence, in a report of 2024-05-31: without a date, and as of the day
 * after the report (that what is undated lies before it), with the lag that
 * lets the report speak for that day.
 */
CREATE TEMP TABLE evidence (evidence text, report text, never boolean);
INSERT INTO evidence
	SELECT format('ED01 with AD05 %s (%s)', code, name), format('{"report_date": "2024-05-31", "accounts": [{"business": "%s", "opened_on": "2023-02-01"}]}', code), never
	FROM (VALUES ('11', '贷款', false), ('12', '贸易融资', false), ('13', '保理', false), ('16', '透支', false),
		('21', '票据贴现', false), ('41', '垫款', false), ('51', '资产处置', false), ('14', '融资租赁', false),
		('10', '企业债', true), ('15', '证券类', true), ('31', '黄金借贷', true),
		('99', 'unknown', true), ('00', 'unknown', true), ('ZZ', 'unknown', true), ('1', 'unknown', true), ('111', 'unknown', true)) v (code, name, never);
INSERT INTO evidence
	SELECT format('ED01 with AD02 %s (%s), AD05 absent', code, name), format('{"report_date": "2024-05-31", "accounts": [{"class": "%s", "opened_on": "2023-02-01"}]}', code), never
	FROM (VALUES ('D2', '贴现', false), ('C1', '催收', false), ('D1', '非循环', true), ('R1', '循环', true), ('R4', '循环额度下分账户', true), ('R2', 'unknown', true), ('Q9', 'unknown', true)) v (code, name, never);
INSERT INTO evidence VALUES
	('ED01 with AD02 D2 and an unknown AD05', '{"report_date": "2024-05-31", "accounts": [{"class": "D2", "business": "99", "opened_on": "2023-02-01"}]}', false),
	('ED01 with AD02 D2 and AD05 15', '{"report_date": "2024-05-31", "accounts": [{"class": "D2", "business": "15", "opened_on": "2023-02-01"}]}', false),
	('ED01 with AD02 C1 and an unknown AD05', '{"report_date": "2024-05-31", "accounts": [{"class": "C1", "business": "99", "opened_on": "2023-02-01"}]}', false),
	('ED01 with AD05 and AD02 absent', '{"report_date": "2024-05-31", "accounts": [{"opened_on": "2023-02-01"}]}', true),
	('ED02 with a count above 0, or EB02 class 4', '{"report_date": "2024-05-31", "undated_discounts": 1}', false),
	('ED02 with counts of 0', '{"report_date": "2024-05-31", "undated_discounts": 0}', true),
	('EB03, ED04, ED05: guarantee transactions', '{"report_date": "2024-05-31", "guarantee_transactions": true}', true),
	('EB05, ED07-09 repayment liabilities; EB04, ED06 undrawn lines: nothing in the report', '{"report_date": "2024-05-31"}', true),
	('R1 opened, never drawn', '{"report_date": "2024-05-31", "accounts": [{"class": "R1", "business": "11", "opened_on": "2023-02-01", "drawn": false}]}', true),
	('R1 drawn', '{"report_date": "2024-05-31", "accounts": [{"class": "R1", "business": "11", "opened_on": "2023-02-01", "drawn": true}]}', false),
	('EB01AR01 filled, explained by guarantee transactions', '{"report_date": "2024-05-31", "guarantee_transactions": true, "first_credit_year": 2015}', true),
	('EB01AS01 filled, explained by guarantee transactions', '{"report_date": "2024-05-31", "guarantee_transactions": true, "institutions_ever": 2}', true),
	('EB01AR01 filled, nothing explains it', '{"report_date": "2024-05-31", "first_credit_year": 2015}', NULL),
	('EB01AS01 filled, nothing explains it', '{"report_date": "2024-05-31", "institutions_ever": 1}', NULL),
	('EB01AR01 and EB01AS01 filled, explained by an account that does not count', '{"report_date": "2024-05-31", "first_credit_year": 2015, "institutions_ever": 1, "accounts": [{"business": "15", "opened_on": "2015-03-01"}]}', true),
	('EB01AR01 filled, explained by a loan', '{"report_date": "2024-05-31", "first_credit_year": 2015, "accounts": [{"business": "11", "opened_on": "2015-03-01"}]}', false),
	('EB01AR01 filled, explained by discounts', '{"report_date": "2024-05-31", "first_credit_year": 2015, "undated_discounts": 3}', false),
	('EB01AS01 of 0', '{"report_date": "2024-05-31", "institutions_ever": 0}', true),
	('EB02 classes 1-3 above 0 without ED01 accounts', '{"report_date": "2024-05-31", "summary_borrowings": 3}', NULL),
	('EB02 classes 1-3 above 0 without ED01 accounts, guarantee transactions', '{"report_date": "2024-05-31", "summary_borrowings": 1, "guarantee_transactions": true}', NULL),
	('EB02 classes 1-3 above 0 with an ED01 account that does not count', '{"report_date": "2024-05-31", "summary_borrowings": 3, "accounts": [{"business": "10", "opened_on": "2023-02-01"}]}', true),
	('EB02 classes 1-3 of 0', '{"report_date": "2024-05-31", "summary_borrowings": 0}', true),
	('report under dispute, nothing on record', '{"report_date": "2024-05-31", "disputed": true}', NULL),
	('report under dispute, with a loan', '{"report_date": "2024-05-31", "disputed": true, "accounts": [{"business": "11", "opened_on": "2023-02-01"}]}', NULL),
	('no report', NULL, NULL);
INSERT INTO evidence
	SELECT format('PD01 with PD01AD03 %s (%s)', code, name), format('{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "%s", "opened_on": "2023-02-01"}]}', code), never
	FROM (VALUES ('41', '个人经营性', false), ('52', '经营性农户', false), ('51', '农户', NULL),
		('11', '个人住房', true), ('21', 'car', true), ('91', 'other consumption', true), ('71', '贷记卡', true), ('81', '准贷记卡', true), ('82', 'card', true),
		('12', 'of the enterprise list', true), ('13', 'of the enterprise list', true), ('16', 'of the enterprise list', true)) v (code, name, never);
INSERT INTO evidence VALUES
	('PD01 51 beside 52', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "51", "opened_on": "2022-02-01"}, {"business": "52", "opened_on": "2023-02-01"}]}', false),
	('PD01: a class of the enterprise list does not count', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "71", "class": "D2", "opened_on": "2023-02-01"}, {"class": "C1", "opened_on": "2023-02-01"}]}', true),
	('PD01 41, R1 never drawn', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "41", "class": "R1", "opened_on": "2023-02-01", "drawn": false}]}', true);
SELECT is(never_borrowed(report::credit_report), never, 'never_borrowed: ' || evidence) FROM evidence;
SELECT is(never_borrowed(report::credit_report, '2024-06-01', 1), never, 'as of the next day: ' || evidence) FROM evidence;

/* Matters of policy, each off and on. */
CREATE TEMP TABLE policy (evidence text, report text, option text, off boolean, on_ boolean);
INSERT INTO policy VALUES
	('41', '{"report_date": "2024-05-31", "accounts": [{"business": "41", "opened_on": "2023-02-01"}]}', 'advances', true, false),
	('41 in a collection account', '{"report_date": "2024-05-31", "accounts": [{"business": "41", "class": "C1", "opened_on": "2023-02-01"}]}', 'advances', true, false),
	('51', '{"report_date": "2024-05-31", "accounts": [{"business": "51", "opened_on": "2023-02-01"}]}', 'disposed', true, false),
	('C1', '{"report_date": "2024-05-31", "accounts": [{"class": "C1", "opened_on": "2023-02-01"}]}', 'disposed', true, false),
	('C1 with AD05 11', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "class": "C1", "opened_on": "2023-02-01"}]}', 'disposed', false, false),
	('14', '{"report_date": "2024-05-31", "accounts": [{"business": "14", "opened_on": "2023-02-01"}]}', 'leasing', true, false),
	('R1 undrawn', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "class": "R1", "opened_on": "2023-02-01", "drawn": false}]}', 'undrawn', true, false),
	('R1 undrawn, not of a kind that counts', '{"report_date": "2024-05-31", "accounts": [{"business": "15", "class": "R1", "opened_on": "2023-02-01", "drawn": false}]}', 'undrawn', true, true),
	('EB02 classes 1-3', '{"report_date": "2024-05-31", "summary_borrowings": 2}', 'summary', NULL, false),
	('11', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2023-02-01"}]}', 'advances', false, false);
CREATE FUNCTION pg_temp.under(report text, option text, value boolean) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	result boolean;
BEGIN
	EXECUTE format('SELECT never_borrowed($1, ''2024-06-01'', 1, %I => %L)', option, value) INTO result USING report::credit_report;
	RETURN result;
END
$$;
SELECT is(pg_temp.under(report, option, false), off, format('%s, %s => false', evidence, option)) FROM policy;
SELECT is(pg_temp.under(report, option, true), on_, format('%s, %s => true', evidence, option)) FROM policy;
SELECT is(pg_temp.under(report, option, value), never_borrowed(report::credit_report, '2024-06-01', 1), format('%s, %s => %s is the default', evidence, option, value))
FROM policy, LATERAL (SELECT option IN ('advances', 'disposed', 'leasing') AS value) d;

/* Codes that an administrator adds or corrects. */
SELECT is(never_borrowed(report::credit_report, '2024-06-01', 1, codes => codes::jsonb), never, 'codes: ' || codes || ' on ' || what)
FROM (VALUES
	('99', '{"accounts": [{"business": "99", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"enterprise": {"99": true}}', false),
	('99', '{"accounts": [{"business": "99", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"enterprise": {"99": null}}', NULL),
	('99', '{"accounts": [{"business": "99", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"person": {"99": true}}', true),
	('99', '{"accounts": [{"business": "99", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{}', true),
	('11', '{"accounts": [{"business": "11", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"enterprise": {"11": false}}', true),
	('新', '{"accounts": [{"business": "新", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"enterprise": {"旧": true, "新": true}}', false),
	('新', '{"accounts": [{"business": "新", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"enterprise": {"旧": true}}', true),
	('R4', '{"accounts": [{"class": "R4", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"class": {"R4": true}}', false),
	('X1', '{"accounts": [{"class": "X1", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '{"class": {"X1": true}}', false),
	('person 51', '{"accounts": [{"business": "51", "opened_on": "2023-02-01"}], "subject": "person", "report_date": "2024-05-31"}', '{"person": {"51": false}}', true),
	('person 51', '{"accounts": [{"business": "51", "opened_on": "2023-02-01"}], "subject": "person", "report_date": "2024-05-31"}', '{"person": {"51": true}}', false)) v (what, report, codes, never);
SELECT is(array_agg(never_borrowed('{"accounts": [{"business": "99", "opened_on": "2023-02-01"}], "report_date": "2024-05-31"}', '2024-06-01', 1, codes => codes) ORDER BY n),
	ARRAY[false, true, NULL, false], 'codes may change from row to row')
FROM (VALUES (1, '{"enterprise": {"99": true}}'::jsonb), (2, '{"enterprise": {"98": true}}'), (3, '{"enterprise": {"99": null}}'), (4, '{"enterprise": {"99": true}}')) v (n, codes);

/* Dates are compared strictly. */
CREATE TEMP TABLE dates (what text, report text, as_of date, lag int, never boolean);
INSERT INTO dates VALUES
	('loan of the day before', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-14"}]}', '2024-03-15', 0, false),
	('loan of the day itself', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-15"}]}', '2024-03-15', 0, true),
	('loan of the day after', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-16"}]}', '2024-03-15', 0, true),
	('loan of the day before beside later ones', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-04-14"}, {"business": "15", "opened_on": "2020-01-01"}, {"business": "21", "opened_on": "2024-03-14"}]}', '2024-03-15', 0, false),
	('report of the day before', '{"report_date": "2024-03-14"}', '2024-03-15', 0, NULL),
	('report of the day itself', '{"report_date": "2024-03-15"}', '2024-03-15', 0, true),
	('report of the day after', '{"report_date": "2024-03-16"}', '2024-03-15', 0, true),
	('report of unknown date', '{}', '2024-03-15', 0, NULL),
	('report of unknown date with an earlier loan', '{"accounts": [{"business": "11", "opened_on": "2024-03-14"}]}', '2024-03-15', 0, false),
	('report of unknown date with a later loan', '{"accounts": [{"business": "11", "opened_on": "2024-03-15"}]}', '2024-03-15', 0, NULL),
	('earlier loan in a report older than the date', '{"report_date": "2024-01-31", "accounts": [{"business": "11", "opened_on": "2023-03-14"}]}', '2024-03-15', 0, false),
	('report 16 days older, lag 15', '{"report_date": "2024-02-28"}', '2024-03-15', 15, NULL),
	('report 15 days older, lag 15', '{"report_date": "2024-02-29"}', '2024-03-15', 15, true),
	('report 14 days older, lag 15', '{"report_date": "2024-03-01"}', '2024-03-15', 15, true),
	('a lag does not make a loan earlier', '{"report_date": "2024-03-01", "accounts": [{"business": "11", "opened_on": "2024-03-15"}]}', '2024-03-15', 15, true),
	('discount, report of the day before', '{"report_date": "2024-03-14", "undated_discounts": 1}', '2024-03-15', 0, false),
	('discount, report of the day itself', '{"report_date": "2024-03-15", "undated_discounts": 1}', '2024-03-15', 0, NULL),
	('discount, report of the day after', '{"report_date": "2024-03-16", "undated_discounts": 1}', '2024-03-15', 0, NULL),
	('discount, report within the lag', '{"report_date": "2024-03-14", "undated_discounts": 1}', '2024-03-15', 15, false),
	('discount, report of unknown date', '{"undated_discounts": 1}', '2024-03-15', 0, NULL),
	('discount, later report, but an earlier loan', '{"report_date": "2024-05-31", "undated_discounts": 1, "accounts": [{"business": "11", "opened_on": "2024-03-14"}]}', '2024-03-15', 0, false),
	('discount, later report, and a later loan', '{"report_date": "2024-05-31", "undated_discounts": 1, "accounts": [{"business": "11", "opened_on": "2024-03-15"}]}', '2024-03-15', 0, NULL),
	('undated loan, report of the day before', '{"report_date": "2024-03-14", "accounts": [{"business": "11"}]}', '2024-03-15', 0, false),
	('undated loan, report of the day itself', '{"report_date": "2024-03-15", "accounts": [{"business": "11"}]}', '2024-03-15', 0, NULL),
	('undated loan, report of the day after', '{"report_date": "2024-03-16", "accounts": [{"business": "11"}]}', '2024-03-15', 0, NULL),
	('undated account that does not count', '{"report_date": "2024-03-16", "accounts": [{"business": "15"}]}', '2024-03-15', 0, true),
	('loan of 0001-01-01, later report', '{"report_date": "2024-03-16", "accounts": [{"business": "11", "opened_on": "0001-01-01"}]}', '2024-03-15', 0, NULL),
	('loan of 1900-01-01, later report', '{"report_date": "2024-03-16", "accounts": [{"business": "11", "opened_on": "1900-01-01"}]}', '2024-03-15', 0, NULL),
	('loan of 9999-12-31, later report', '{"report_date": "2024-03-16", "accounts": [{"business": "11", "opened_on": "9999-12-31"}]}', '2024-03-15', 0, NULL),
	('loan of 1970-01-01, which is taken for a date', '{"report_date": "2024-03-16", "accounts": [{"business": "11", "opened_on": "1970-01-01"}]}', '2024-03-15', 0, false),
	('loan of "--", later report', '{"report_date": "2024-03-16", "accounts": [{"business": "11", "opened_on": "--"}]}', '2024-03-15', 0, NULL),
	('loan of "", earlier report', '{"report_date": "2024-03-14", "accounts": [{"business": "11", "opened_on": ""}]}', '2024-03-15', 0, false),
	('report of 9999-12-31', '{"report_date": "9999-12-31"}', '2024-03-15', 0, NULL),
	('summary, report of the day before', '{"report_date": "2024-03-14", "summary_borrowings": 1}', '2024-03-15', 0, NULL),
	('summary, report of the day after', '{"report_date": "2024-03-16", "summary_borrowings": 1}', '2024-03-15', 0, NULL),
	('unexplained year, report of the day after', '{"report_date": "2024-03-16", "first_credit_year": 2020}', '2024-03-15', 0, NULL),
	('person 51 of the day before', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "51", "opened_on": "2024-03-14"}]}', '2024-03-15', 0, NULL),
	('person 51 of the day itself', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "51", "opened_on": "2024-03-15"}]}', '2024-03-15', 0, true),
	('person 51 undated', '{"subject": "person", "report_date": "2024-05-31", "accounts": [{"business": "51"}]}', '2024-03-15', 0, NULL),
	('person 51 of the day itself, report too old', '{"subject": "person", "report_date": "2024-03-14", "accounts": [{"business": "51", "opened_on": "2024-03-15"}]}', '2024-03-15', 0, NULL),
	('disputed, earlier loan', '{"disputed": true, "report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-14"}]}', '2024-03-15', 0, NULL),
	('infinity, nothing on record', '{"report_date": "2024-05-31"}', 'infinity', 0, NULL),
	('infinity, lag without end', '{"report_date": "2024-05-31"}', 'infinity', 2147483647, NULL),
	('infinity, a loan', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-15"}]}', 'infinity', 0, false),
	('infinity, an undated discount, report of unknown date', '{"undated_discounts": 1}', 'infinity', 0, false),
	('-infinity, a loan', '{"report_date": "2024-05-31", "accounts": [{"business": "11", "opened_on": "2024-03-15"}]}', '-infinity', 0, true),
	('-infinity, report of unknown date', '{}', '-infinity', 0, NULL),
	('the last date there is', '{"report_date": "2617-09-22"}', '5874897-12-31', 2147483647, true),
	('the last date there is, no lag', '{"report_date": "2617-09-22"}', '5874897-12-31', 0, NULL),
	('the first date there is', '{"report_date": "1900-01-02"}', '4714-11-24 BC', 0, true),
	('the largest lag', '{"report_date": "2024-05-31"}', '2024-06-30', 2147483647, true);
SELECT is(never_borrowed(report::credit_report, as_of, lag), never, 'as of: ' || what) FROM dates;
SELECT is(never_borrowed(report::credit_report, as_of), never, 'as of, no lag given: ' || what) FROM dates WHERE lag = 0 AND never IS NOT NULL;
SELECT is(never_borrowed('{}', NULL::date), NULL, 'as of NULL');
SELECT is(never_borrowed('{"report_date": "2024-05-31"}', '2024-05-31', NULL), NULL, 'lag NULL');
SELECT is(never_borrowed(NULL, '2024-05-31'::date), NULL, 'no report, as of');
SELECT throws_ok($$SELECT never_borrowed('{}', '2024-05-31', -1)$$, '22003', NULL, 'a negative lag is an error');

/* first_borrowed_on */
SELECT is(first_borrowed_on(report::credit_report), first, 'first_borrowed_on: ' || what)
FROM (VALUES
	('the first of the accounts that count', '{"accounts": [{"business": "15", "opened_on": "2010-01-01"}, {"business": "21", "opened_on": "2020-05-02"}, {"business": "11", "opened_on": "2020-05-01"}, {"business": "11"}]}', '2020-05-01'::date),
	('an undrawn account is passed over', '{"accounts": [{"business": "11", "class": "R1", "drawn": false, "opened_on": "2010-01-01"}, {"business": "11", "class": "R4", "opened_on": "2020-05-01"}]}', '2020-05-01'),
	('none', '{}', NULL),
	('undated ones alone', '{"accounts": [{"business": "11"}], "undated_discounts": 2}', NULL),
	('kinds that do not count', '{"accounts": [{"business": "31", "opened_on": "2010-01-01"}]}', NULL),
	('a farmer''s loan may be no borrowing', '{"subject": "person", "accounts": [{"business": "51", "opened_on": "2010-01-01"}, {"business": "52", "opened_on": "2012-01-01"}]}', '2012-01-01'),
	('no report', NULL, NULL)) v (what, report, first);

/* The same rules in plain SQL, over random reports. */
CREATE FUNCTION pg_temp.truth(doc jsonb, as_of date, lag int, advances boolean, disposed boolean, leasing boolean, undrawn boolean, summary boolean)
RETURNS boolean LANGUAGE sql AS $$
	WITH account AS (
		SELECT a ->> 'business' AS b, a ->> 'class' AS c, (a ->> 'opened_on')::date AS d, coalesce((a ->> 'drawn')::boolean, true) AS drawn
		FROM jsonb_array_elements(coalesce(doc -> 'accounts', '[]')) a),
	judged AS (
		SELECT d, CASE
			WHEN NOT drawn AND NOT undrawn THEN 'no'
			WHEN doc ->> 'subject' = 'person' THEN CASE WHEN b IN ('41', '52') THEN 'yes' WHEN b = '51' THEN 'maybe' ELSE 'no' END
			WHEN b = '21' OR c = 'D2' OR b IN ('11', '12', '13', '16') THEN 'yes'
			WHEN b = '41' THEN CASE WHEN advances THEN 'yes' ELSE 'no' END
			WHEN b = '14' THEN CASE WHEN leasing THEN 'yes' ELSE 'no' END
			WHEN b = '51' OR c = 'C1' THEN CASE WHEN disposed THEN 'yes' ELSE 'no' END
			ELSE 'no' END AS counts
		FROM account),
	fact AS (
		SELECT (doc ->> 'report_date')::date AS reported,
			coalesce((doc ->> 'disputed')::boolean, false) AS disputed,
			coalesce((doc ->> 'undated_discounts')::int, 0) > 0 AS discounts,
			coalesce((doc ->> 'summary_borrowings')::int, 0) > 0 AND NOT EXISTS (SELECT 1 FROM account) AS summed,
			coalesce((doc ->> 'summary_borrowings')::int, 0) = 0 AND NOT EXISTS (SELECT 1 FROM account)
				AND coalesce((doc ->> 'undated_discounts')::int, 0) = 0
				AND NOT coalesce((doc ->> 'guarantee_transactions')::boolean, false)
				AND (doc ? 'first_credit_year' OR coalesce((doc ->> 'institutions_ever')::int, 0) > 0) AS unexplained,
			(SELECT count(*) > 0 FROM judged WHERE counts = 'yes' AND d < as_of) AS earlier,
			(SELECT count(*) > 0 FROM judged WHERE counts = 'yes' AND d IS NULL) AS undated,
			(SELECT count(*) > 0 FROM judged WHERE counts = 'yes') AS anything,
			(SELECT count(*) > 0 FROM judged WHERE counts = 'maybe' AND (d IS NULL OR d < coalesce(as_of, 'infinity'))) AS maybe)
	SELECT CASE
		WHEN disputed THEN NULL
		WHEN as_of IS NULL THEN CASE
			WHEN anything OR discounts OR (summed AND summary) THEN false
			WHEN maybe OR summed OR unexplained THEN NULL
			ELSE true END
		WHEN earlier THEN false
		WHEN undated OR discounts OR (summed AND summary) THEN CASE WHEN reported < as_of THEN false END
		WHEN maybe OR summed OR unexplained THEN NULL
		WHEN reported + lag >= as_of THEN true END
	FROM fact
$$;
\ir ../corpus/random_reports.sql
CREATE TEMP TABLE questions AS
	SELECT n, doc, doc::text::credit_report AS report, date '2024-01-05' + floor(random() * 5)::int AS as_of, floor(random() * 4)::int AS lag,
		random() < 0.7 AS advances, random() < 0.7 AS disposed, random() < 0.7 AS leasing, random() < 0.3 AS undrawn, random() < 0.3 AS summary
	FROM random_reports, generate_series(1, 4);
SELECT is_empty($$SELECT doc FROM questions WHERE never_borrowed(report) IS DISTINCT FROM pg_temp.truth(doc, NULL, 0, true, true, true, false, false)$$,
	'random reports: at any time');
SELECT is_empty($$SELECT doc, as_of, lag FROM questions WHERE never_borrowed(report, as_of, lag) IS DISTINCT FROM pg_temp.truth(doc, as_of, lag, true, true, true, false, false)$$,
	'random reports: as of a date');
SELECT is_empty($$SELECT doc, as_of, lag, advances, disposed, leasing, undrawn, summary FROM questions
	WHERE never_borrowed(report, as_of, lag, advances, disposed, leasing, undrawn, summary)
		IS DISTINCT FROM pg_temp.truth(doc, as_of, lag, advances, disposed, leasing, undrawn, summary)$$,
	'random reports: under random options');
SELECT is_empty($$SELECT doc, as_of, lag FROM questions
	WHERE never_borrowed(report, as_of, lag, codes => '{"enterprise": {"98": true}}') IS DISTINCT FROM never_borrowed(report, as_of, lag)$$,
	'random reports: the header says what the accounts say');
SELECT ok(count(DISTINCT never_borrowed(report, as_of, lag)) = 2 AND count(*) > count(never_borrowed(report, as_of, lag)), 'random reports: all three answers occur') FROM questions;
SELECT is_empty($$SELECT doc FROM random_reports
	WHERE first_borrowed_on(doc::text::credit_report) IS DISTINCT FROM (SELECT min(opened_on) FROM accounts(doc::text::credit_report) WHERE counts)$$,
	'random reports: first_borrowed_on is the first that counts');
SELECT is_empty($$(SELECT n, a ->> 'id', a ->> 'business', a ->> 'class', (a ->> 'opened_on')::date, coalesce((a ->> 'drawn')::boolean, true), (a ->> 'settled')::boolean
		FROM random_reports, jsonb_array_elements(doc -> 'accounts') a
	EXCEPT ALL SELECT n, account_id, business_code, account_class, opened_on, drawn, settled FROM random_reports, accounts(doc::text::credit_report))
	UNION ALL (SELECT n, account_id, business_code, account_class, opened_on, drawn, settled FROM random_reports, accounts(doc::text::credit_report)
	EXCEPT ALL SELECT n, a ->> 'id', a ->> 'business', a ->> 'class', (a ->> 'opened_on')::date, coalesce((a ->> 'drawn')::boolean, true), (a ->> 'settled')::boolean
		FROM random_reports, jsonb_array_elements(doc -> 'accounts') a)$$,
	'random reports: accounts() gives what was put in');

/* credit_report_agg */
SELECT is((SELECT credit_report_agg(NULL::date, NULL::text) WHERE false)::text, NULL, 'agg: no rows');
SELECT is((SELECT credit_report_agg(NULL::date, NULL::text) FROM generate_series(1, 3))::text, NULL, 'agg: nothing but NULL is no report');
SELECT is((SELECT credit_report_agg(NULL, NULL, d::date, NULL, NULL, 'person') FROM unnest(ARRAY['2024-01-31', NULL, '2024-03-31', '2024-02-29', 'infinity', '9999-12-31']) d)::text,
	'{"report_date": "2024-03-31", "subject": "person"}', 'agg: the latest report date, that of a household without accounts too');
SELECT is((SELECT credit_report_agg(d::date, '11') FROM unnest(ARRAY['infinity', '-infinity', '0001-01-01', '1900-01-01', '9999-12-31', NULL]) d)::text,
	'{"accounts": [{"business": "11"}, {"business": "11"}, {"business": "11"}, {"business": "11"}, {"business": "11"}, {"business": "11"}]}', 'agg: no date, infinities and sentinels are undated');
SELECT is((SELECT credit_report_agg('2024-01-01', b, NULL, c, i) FROM (VALUES (' 11 ', 'd1', ' A '), ('--', '', 'B'), ('99', 'Q', NULL)) v (b, c, i))::text,
	'{"accounts": [{"id": "A", "business": "11", "class": "D1", "opened_on": "2024-01-01"}, {"business": "99", "class": "Q", "opened_on": "2024-01-01"}, {"id": "B", "opened_on": "2024-01-01"}]}', 'agg: codes as in the text form');
SELECT is((SELECT credit_report_agg(d::date, b, NULL, c, i) FROM (VALUES ('2024-02-01', '11', NULL, 'A'), (NULL, NULL, 'D1', 'A'), ('2024-01-01', '15', NULL, 'A'), ('2024-01-01', '11', NULL, NULL), ('2024-01-01', '11', NULL, NULL)) v (d, b, c, i))::text,
	'{"accounts": [{"id": "A", "business": "11", "class": "D1", "opened_on": "2024-01-01"}, {"business": "11", "opened_on": "2024-01-01"}, {"business": "11", "opened_on": "2024-01-01"}]}',
	'agg: one account an id: the earliest date, the code that counts; rows without an id all stay');
SELECT is(credit_report_agg(date '2024-01-01', '11', NULL, NULL, NULL, 'person')::text, '{"subject": "person", "accounts": [{"business": "11", "opened_on": "2024-01-01"}]}', 'agg: of a person');
SELECT throws_ok($$SELECT credit_report_agg(date '1850-01-01', '11')$$, '22008', NULL, 'agg: a date that no account can have is an error');

/* An independent computation: one row a household and id (or row without id). */
CREATE TEMP TABLE loose (n int, household int, opened_on date, business_code text, report_date date, account_class text, account_id text);
INSERT INTO loose
	SELECT n, 1 + floor(random() * 500), CASE WHEN random() < 0.9 THEN date '2015-01-01' + floor(random() * 3000)::int END,
		pg_temp.pick(ARRAY['11', '15', '21', '41', '99', 'ZZ', NULL]), date '2024-01-01' + floor(random() * 90)::int,
		pg_temp.pick(ARRAY['D1', 'D2', 'R4', 'C1', NULL]), CASE WHEN random() < 0.7 THEN 'A' || floor(random() * 6) END
	FROM generate_series(1, 8000) n;
DELETE FROM loose WHERE opened_on IS NULL AND business_code IS NULL AND account_class IS NULL AND account_id IS NULL;
CREATE TEMP VIEW expected AS
	SELECT household, account_id, min(opened_on) AS opened_on,
		(array_agg(business_code ORDER BY business_code IS NULL, business_code NOT IN ('11', '21', '41'), business_code COLLATE "C"))[1] AS business_code,
		(array_agg(account_class ORDER BY account_class IS NULL, account_class NOT IN ('C1', 'D2'), account_class COLLATE "C"))[1] AS account_class
	FROM loose GROUP BY household, account_id, CASE WHEN account_id IS NULL THEN n END;
CREATE TEMP TABLE built AS
	SELECT household, credit_report_agg(opened_on, business_code, report_date, account_class, account_id) AS r FROM loose GROUP BY household;
SELECT is_empty($$(SELECT household, account_id, opened_on, business_code, account_class FROM expected
	EXCEPT ALL SELECT household, account_id, opened_on, business_code, account_class FROM built, accounts(r))
	UNION ALL (SELECT household, account_id, opened_on, business_code, account_class FROM built, accounts(r)
	EXCEPT ALL SELECT household, account_id, opened_on, business_code, account_class FROM expected)$$, 'agg: the accounts are those of plain SQL');
SELECT is_empty($$SELECT household FROM built JOIN (SELECT household, max(report_date) AS d FROM loose GROUP BY household) m USING (household) WHERE report_date(r) <> d$$,
	'agg: the report date is that of plain SQL');
SELECT is_empty($$SELECT household FROM built JOIN (SELECT household, credit_report_agg(opened_on, business_code, report_date, account_class, account_id ORDER BY random()) AS s
	FROM loose GROUP BY household) g USING (household) WHERE r <> s OR r::text <> s::text$$, 'agg: the order of rows changes nothing');
SELECT is_empty($$SELECT household FROM built WHERE r::text::credit_report <> r$$, 'agg: what it gives is canonical');

SELECT * FROM finish();
ROLLBACK;
