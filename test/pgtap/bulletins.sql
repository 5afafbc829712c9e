-- Bulletins, evaluation, cultivation list and publications, against plain SQL
-- over the register's rows, which are put there by hand.
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
SET datestyle = 'SQL, DMY';	-- no answer depends on it

SELECT plan(133);

CREATE SCHEMA source;
CREATE TABLE source.borrowings (borrower text, institution text, granted_on date, ref text, instrument text, amount numeric,
	area text, settled_on date);
CREATE TABLE source.reports (borrower text, report credit_report);
CREATE TABLE source.institutions (institution text, name text, listed_from date, listed_to date);
CREATE TABLE source.taxpayers (borrower text, operating boolean, name text, area text, basic_account_institution varchar(20), scale text,
	kind text, ownership text);
INSERT INTO source.institutions VALUES ('B1', 'One', NULL, NULL), ('B2', 'Two', NULL, NULL), ('B3', 'Three', NULL, NULL),
	('B4', 'Four, which never grants', NULL, NULL), ('B5', 'gone', NULL, '2023-12-31'), ('B6', 'new', '2026-01-01', NULL);
SELECT create_monitor('fl', 'source.borrowings', NULL, 'source.reports', 'source.institutions', 'source.taxpayers',
	1000, '[2024-01-01,2027-01-01)');
DELETE FROM fl.changes;

-- ----------------------------------------------------------------------
-- The sums by month follow every change of the register
-- ----------------------------------------------------------------------

-- Every combination of what decides how a row is counted, unknown values
-- among them, on days around the ends of months.
CREATE TABLE sample AS
SELECT 'H' || i AS borrower, day AS granted_on,
	(ARRAY['B1', 'B2', 'B3', 'B9', NULL])[1 + i % 5] AS institution, 'R' || i AS ref,
	CASE WHEN i % 6 = 0 THEN 'discount' ELSE 'loan' END AS instrument,
	CASE WHEN i % 31 = 0 THEN NULL WHEN i % 37 = 0 THEN 'NaN' ELSE i * 1000.01 END AS amount,
	CASE WHEN i % 6 = 0 THEN 'discount' ELSE (ARRAY['pure_credit', 'secured', 'unclassified', NULL])[1 + i / 5 % 4] END AS class,
	CASE WHEN i % 29 > 0 THEN 3 + i % 13 / 10.0 END AS rate,
	(ARRAY['350582', '350583', '', NULL])[1 + i / 3 % 4] AS area, (ARRAY['C13', 'C18', NULL])[1 + i / 7 % 3] AS industry,
	(ARRAY['enterprise', 'sole_proprietor', NULL])[1 + i / 11 % 3] AS kind, (ARRAY['micro', 'small', 'large', NULL])[1 + i / 2 % 4] AS scale,
	(ARRAY['private', 'state', NULL])[1 + i / 13 % 3] AS ownership,
	(ARRAY[true, true, true, false, NULL])[1 + i / 4 % 5] AS eligible, (ARRAY[true, true, false, NULL])[1 + i / 9 % 4] AS inclusive,
	(ARRAY['confirmed', 'confirmed', 'confirmed', 'refuted', 'unverified'])[1 + i / 17 % 5] AS verdict,
	1 + (i % 19 = 0)::int AS tied_institutions
FROM generate_series(1, 3000) i,
	LATERAL (SELECT CASE
		WHEN i % 50 = 1 THEN current_date - 20 + i / 50 % 31
		WHEN i % 4 = 0 THEN (ARRAY['2024-02-28', '2024-02-29', '2024-03-01', '2023-02-28', '2023-03-01', '2025-02-28', '2025-03-01', '2025-06-30',
			'2025-07-01', '2025-09-30', '2025-10-01', '2024-06-30', '2024-07-01', '2024-09-30', '2024-10-01', '2024-12-31', '2025-01-01']::date[])[1 + i / 4 % 17]
		ELSE date '2022-11-15' + (i * 7919 % 1400) END AS day) d;

-- How a row is counted, in words other than the extension's.
CREATE VIEW judged AS
SELECT r.*, CASE WHEN eligible IS TRUE AND verdict = 'confirmed' THEN 'counted'
		WHEN eligible IS FALSE THEN 'ineligible'
		WHEN verdict = 'refuted' THEN 'refuted' ELSE 'unverified' END AS status,
	CASE WHEN amount::text !~ '[NI]' THEN amount END AS good_amount,
	CASE WHEN rate::text !~ '[NI]' THEN rate END AS good_rate
FROM fl.register r;

CREATE VIEW oracle_rows AS
SELECT j.*, d.dimension, d.value
FROM judged j, LATERAL (
	SELECT 'total' AS dimension, NULL AS value UNION ALL SELECT 'institution', institution UNION ALL SELECT 'area', area
	UNION ALL SELECT 'industry', industry UNION ALL SELECT 'kind', kind UNION ALL SELECT 'scale', scale
	UNION ALL SELECT 'ownership', ownership UNION ALL SELECT 'class', class) d;

-- The measures of any set of rows.
CREATE FUNCTION oracle(first date, last date)
	RETURNS TABLE (dimension text, value text, households bigint, amount numeric, average_rate numeric, unverified bigint, refuted bigint,
		ineligible bigint, borrowers bigint, pure_credit bigint, secured bigint, discount bigint, unclassified bigint, inclusive bigint,
		inclusive_unknown bigint, tied bigint, amount_unknown bigint)
	LANGUAGE sql AS $$
SELECT dimension, value, count(*) FILTER (WHERE counted), coalesce(trim_scale(sum(good_amount) FILTER (WHERE counted)), 0),
	round(trim_scale(sum(good_amount * good_rate) FILTER (WHERE counted)) / nullif(trim_scale(sum(good_amount) FILTER (WHERE counted AND good_rate IS NOT NULL)), 0), 4),
	count(*) FILTER (WHERE status = 'unverified'), count(*) FILTER (WHERE status = 'refuted'), count(*) FILTER (WHERE status = 'ineligible'),
	count(*), count(*) FILTER (WHERE counted AND class = 'pure_credit'), count(*) FILTER (WHERE counted AND class = 'secured'),
	count(*) FILTER (WHERE counted AND class = 'discount'), count(*) FILTER (WHERE counted AND coalesce(class, 'unclassified') = 'unclassified'),
	count(*) FILTER (WHERE counted AND inclusive), count(*) FILTER (WHERE counted AND inclusive IS NULL),
	count(*) FILTER (WHERE counted AND tied_institutions >= 2), count(*) FILTER (WHERE counted AND good_amount IS NULL)
FROM (SELECT *, status = 'counted' AS counted FROM oracle_rows WHERE granted_on BETWEEN first AND last) o
GROUP BY dimension, value $$;

CREATE VIEW oracle_months AS
SELECT m.month, o.* FROM (SELECT DISTINCT date_trunc('month', granted_on::timestamp)::date AS month FROM fl.register) m,
	oracle(m.month, (m.month + interval '1 month')::date - 1) o;
CREATE VIEW kept_months AS
SELECT month, dimension, value, households, trim_scale(amount), round(trim_scale(rate_amount) / nullif(trim_scale(rated_amount), 0), 4), unverified, refuted,
	ineligible, borrowers, pure_credit, secured, discount, unclassified, inclusive, inclusive_unknown, tied, amount_unknown
FROM fl.month_statistics;

CREATE FUNCTION months_differ() RETURNS bigint LANGUAGE sql AS $$
	SELECT (SELECT count(*) FROM (TABLE oracle_months EXCEPT ALL TABLE kept_months) a)
		+ (SELECT count(*) FROM (TABLE kept_months EXCEPT ALL TABLE oracle_months) b) $$;

INSERT INTO fl.register (borrower, granted_on, institution, ref, instrument, amount, class, rate, area, industry, kind, scale, ownership,
	eligible, inclusive, verdict, tied_institutions)
SELECT * FROM sample WHERE substr(borrower, 2)::int % 3 > 0;
SELECT is(months_differ(), 0::bigint, 'sums by month after an insert');
SELECT cmp_ok((SELECT count(*) FROM fl.month_statistics), '>', 900::bigint, 'of many months and values');
UPDATE fl.register SET granted_on = granted_on + 40, institution = 'B3', verdict = 'confirmed' WHERE substr(borrower, 2)::int % 7 = 0;
SELECT is(months_differ(), 0::bigint, 'after an update');
DELETE FROM fl.register WHERE substr(borrower, 2)::int % 5 = 0 OR granted_on BETWEEN '2023-05-01' AND '2023-05-31';
SELECT is(months_differ(), 0::bigint, 'after a delete, that of a month among it');
SELECT is((SELECT count(*) FROM fl.month_statistics WHERE borrowers = 0), 0::bigint, 'no row is left for what is none');
-- several kinds of change in one statement, as a refresh does it
WITH gone AS (DELETE FROM fl.register WHERE substr(borrower, 2)::int % 11 = 0 RETURNING 1),
	changed AS (UPDATE fl.register SET amount = amount / 3, rate = NULL, eligible = NULL WHERE substr(borrower, 2)::int % 11 = 1 RETURNING 1)
INSERT INTO fl.register (borrower, granted_on, institution, ref, instrument, amount, class, rate, area, industry, kind, scale, ownership,
	eligible, inclusive, verdict, tied_institutions)
SELECT * FROM sample WHERE substr(borrower, 2)::int % 3 = 0;
SELECT is(months_differ(), 0::bigint, 'after insert, update and delete in one statement');
-- amounts and rates that no machine integer holds, nor any number of decimals
SAVEPOINT odd;
UPDATE fl.register SET
	amount = (ARRAY['9223372036854', '-9223372036854', '9223372036854', '9223372036854.775807', '-9223372036854.775808', '9223372036854775807', '1e30', '-1e30', '1e-30', '0.0000001', '0.1234567', '123456.1234500000000000',
		'0', '-0.01', '99999999.99', '10000', '100000000', '1e15'])[1 + substr(borrower, 2)::int % 18]::numeric,
	rate = (ARRAY['3.1', '4.35000', '0.000001', '1e-9', '12345678901234567890', '-1', '0', '3.123456789', 'NaN', NULL])[1 + substr(borrower, 2)::int / 18 % 10]::numeric;
SELECT is(months_differ(), 0::bigint, 'numbers of any size');
UPDATE fl.register SET amount = CASE WHEN current_setting('server_version_num')::int < 140000 THEN 'NaN' ELSE '-Infinity' END::numeric, rate = 'NaN' WHERE substr(borrower, 2)::int % 2 = 0;
SELECT is(months_differ(), 0::bigint, 'and none');
DELETE FROM fl.register WHERE substr(borrower, 2)::int % 4 < 3;
SELECT is(months_differ(), 0::bigint, 'are taken away as they were added');
ROLLBACK TO odd;
SELECT throws_ok($$SELECT monitor_sums('{bank}', 1, date '2024-01-01', 'counted', true, 1, 1, 1, '', '', '', '', '', '', '')$$, '22023', NULL, 'no such dimension in the sums');
SELECT throws_ok($$SELECT monitor_sums(ARRAY['area', NULL], 1, date '2024-01-01', 'counted', true, 1, 1, 1, '', '', '', '', '', '', '')$$, '22023', NULL, 'nor an unknown one');
SELECT is((SELECT array_agg(c::text ORDER BY c.dimension) FROM (
		SELECT monitor_sums('{total,class}', n, day, 'counted', NULL, 2, 0.5, 4, 'B1', NULL, NULL, NULL, NULL, NULL, NULL)
		FROM (VALUES (2, date '0044-03-15 BC'), (-1, '0044-03-01 BC'), (1, NULL), (NULL, '2024-01-01'), (1, 'infinity'), (1, '-infinity'), (1, '2024-01-01'), (-1, '2024-01-31')) v(n, day)) s(cells),
		unnest(s.cells) c),
	(SELECT array_agg(format('("%s",%s,,1,1,0,0,0,0,0,0,1,0,1,1,0.5,0,0.5,2)', date '0044-03-01 BC', d) ORDER BY d) FROM unnest('{class,total}'::text[]) d),
	'rows without a day take no part, cells of nothing are left out');
SELECT is((SELECT monitor_sums('{total}', 1, NULL, 'counted', true, 1, 1, 1, '', '', '', '', '', '', '')), '{}', 'no cell');
SELECT is((SELECT monitor_sums('{total}', 1, date '2024-01-01', 'counted', true, 1, 1, 1, '', '', '', '', '', '', '') WHERE false), NULL, 'no row');
-- What is found for a short value is kept for the next row: values that begin
-- alike, of 0 to 11 characters and unknown, in turn; more of them than are kept.
CREATE TABLE alike AS
SELECT date '2024-01-01' + i % 5 * 31 AS day, CASE WHEN i % 13 > 0 THEN left('00000000000', i % 12) || CASE WHEN i % 12 IN (3, 6, 7) THEN (i % 700)::text ELSE '' END END AS value,
	(i % 900 * CASE WHEN i % 4 = 0 THEN -1 ELSE 1 END)::numeric * (ARRAY['1', '0.01', '10000', '0.0001', '100000000.5', '1e12', '1e24', '1e-9'])[1 + i % 8]::numeric AS amount,
	(ARRAY['4.35', '4.350', '4', '-4', '0.000435', NULL])[1 + i % 6]::numeric AS rate
FROM generate_series(1, 20000) i;
SELECT bag_eq($$SELECT c.month, c.value, c.households, c.amount, c.rated_amount, c.rate_amount FROM (
		SELECT monitor_sums('{scale}', 1, day, 'counted', true, 1, amount, rate, NULL, NULL, NULL, NULL, value, NULL, NULL) FROM alike) s(cells), unnest(s.cells) c$$,
	$$SELECT date_trunc('month', day::timestamp)::date, value, count(*), trim_scale(sum(amount)) AS a, trim_scale(coalesce(sum(amount) FILTER (WHERE rate IS NOT NULL), 0)) AS b,
		trim_scale(coalesce(sum(amount * rate), 0)) AS c FROM alike GROUP BY 1, 2$$, 'sums of values that begin alike');
-- The sums are the same however the rows are split among processes.  Each
-- comes in a part of its own; those of 2023 are all taken away in other parts.
CREATE TABLE terms AS
SELECT abs(hashtext(borrower || n)) % 7 AS part, n, granted_on, household_status(eligible, verdict) AS status, inclusive, tied_institutions,
	(ARRAY['9223372036854', '-9223372036854', '9223372036854.775807', '9223372036854775807', '1e30', '-1e30', '1e-30', '0.1234567', '0', '-0.01',
		'10000', '1e15', 'NaN', NULL])[1 + substr(borrower, 2)::int % 14]::numeric AS amount,
	(ARRAY['3.1', '4.35000', '1e-9', '12345678901234567890', '-1', 'NaN', NULL])[1 + substr(borrower, 2)::int / 14 % 7]::numeric AS rate,
	institution, area, industry, kind, scale, ownership, class
FROM sample, unnest('{1,-1}'::int[]) n WHERE n = 1 OR granted_on BETWEEN '2023-01-01' AND '2023-12-31'
ORDER BY hashtext(n || borrower);
INSERT INTO terms SELECT 7, 1, NULL, 'counted', true, 1, 1, 1;
CREATE TABLE parts (LIKE terms) PARTITION BY LIST (part);
SELECT format('CREATE TABLE part_%s PARTITION OF parts FOR VALUES IN (%s)', i, i) FROM generate_series(0, 8) i \gexec
INSERT INTO parts TABLE terms;
ANALYZE terms, parts;
CREATE VIEW plain_sums (month, dimension, value, borrowers, households, unverified, refuted, ineligible, pure_credit, secured, discount, unclassified,
	inclusive, inclusive_unknown, tied, amount, amount_unknown, rated_amount, rate_amount) AS
SELECT date_trunc('month', granted_on::timestamp)::date, dimension, value, sum(n), coalesce(sum(n) FILTER (WHERE c), 0),
	coalesce(sum(n) FILTER (WHERE status = 'unverified'), 0), coalesce(sum(n) FILTER (WHERE status = 'refuted'), 0),
	coalesce(sum(n) FILTER (WHERE status = 'ineligible'), 0), coalesce(sum(n) FILTER (WHERE c AND class = 'pure_credit'), 0),
	coalesce(sum(n) FILTER (WHERE c AND class = 'secured'), 0), coalesce(sum(n) FILTER (WHERE c AND class = 'discount'), 0),
	coalesce(sum(n) FILTER (WHERE c AND coalesce(class, 'unclassified') = 'unclassified'), 0),
	coalesce(sum(n) FILTER (WHERE c AND inclusive), 0), coalesce(sum(n) FILTER (WHERE c AND inclusive IS NULL), 0),
	coalesce(sum(n) FILTER (WHERE c AND tied_institutions > 1), 0), trim_scale(coalesce(sum(n * amount) FILTER (WHERE c AND amount <> 'NaN'), 0)),
	coalesce(sum(n) FILTER (WHERE c AND (amount IS NULL OR amount = 'NaN')), 0),
	trim_scale(coalesce(sum(n * amount) FILTER (WHERE c AND amount <> 'NaN' AND rate <> 'NaN'), 0)),
	trim_scale(coalesce(sum(n * amount * rate) FILTER (WHERE c AND amount <> 'NaN' AND rate <> 'NaN'), 0))
FROM (SELECT *, status = 'counted' AS c FROM terms WHERE granted_on IS NOT NULL) t, LATERAL (VALUES ('total', NULL), ('institution', institution),
	('area', area), ('industry', industry), ('kind', kind), ('scale', scale), ('ownership', ownership), ('class', class)) d(dimension, value)
GROUP BY 1, 2, 3 HAVING date_trunc('month', granted_on::timestamp)::date NOT BETWEEN '2023-01-01' AND '2023-12-31';
CREATE FUNCTION cells_of(relation text) RETURNS SETOF monitor_cell LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT c.* FROM (SELECT monitor_sums(monitor_dimensions(), n, granted_on, status, inclusive, tied_institutions, amount, rate,
		institution, area, industry, kind, scale, ownership, class) FROM %s) s(cells), unnest(s.cells) c', relation);
END $$;
CREATE FUNCTION plan_of(relation text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	result text := '';
BEGIN
	FOR line IN EXECUTE format('EXPLAIN SELECT monitor_sums(monitor_dimensions(), n, granted_on, status, inclusive, tied_institutions, amount, rate,
		institution, area, industry, kind, scale, ownership, class) FROM %s', relation)
	LOOP
		result := result || line || E'\n';
	END LOOP;
	RETURN result;
END $$;
SAVEPOINT plans;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = off;
SELECT unalike(plan_of('parts'), '%Partial Aggregate%', 'a plan in one piece');
SELECT bag_eq($$SELECT * FROM cells_of('parts')$$, 'TABLE plain_sums', 'sums of rows in one piece');
SET LOCAL enable_partitionwise_aggregate = on;
SELECT alike(plan_of('parts'), '%Finalize Aggregate%Append%Partial Aggregate%', 'a plan by partition');
SELECT bag_eq($$SELECT * FROM cells_of('parts')$$, 'TABLE plain_sums', 'sums by partition');
SELECT bag_eq($$SELECT * FROM cells_of('parts WHERE part >= 7')$$, 'SELECT * FROM plain_sums WHERE false', 'of no row, and of a row without a day');
SELECT is((SELECT count(*) FROM cells_of('parts WHERE part = 8 OR part = 9')), 0::bigint, 'of nothing');
SET LOCAL max_parallel_workers_per_gather = 3;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
ALTER TABLE terms SET (parallel_workers = 3);
SELECT alike(plan_of('terms'), '%Finalize Aggregate%Gather%Partial Aggregate%', 'a plan for several processes');
SELECT bag_eq($$SELECT * FROM cells_of('terms')$$, 'TABLE plain_sums', 'sums by several processes');
ROLLBACK TO plans;
SAVEPOINT truncated;
TRUNCATE fl.register;
SELECT is((SELECT count(*) FROM fl.month_statistics), 0::bigint, 'none after truncate');
ROLLBACK TO truncated;
SELECT is(months_differ(), 0::bigint, 'all again after rollback');
SELECT is((SELECT ROW(count(value), count(*))::text FROM fl.month_statistics WHERE dimension = 'area' AND coalesce(value, '') = ''),
	(SELECT ROW(count(DISTINCT month) FILTER (WHERE area = ''), count(DISTINCT month) FILTER (WHERE area = '') + count(DISTINCT month) FILTER (WHERE area IS NULL))::text
		FROM (SELECT area, to_char(granted_on, 'YYYYMM') AS month FROM fl.register) r), 'an empty value is not an unknown one');

-- ----------------------------------------------------------------------
-- Bulletins
-- ----------------------------------------------------------------------

CREATE FUNCTION bulletin_differs(first date, last date, until date) RETURNS bigint LANGUAGE sql AS $$
	WITH kept AS (
		SELECT dimension, value, households, amount, average_rate, unverified, refuted, ineligible, borrowers, pure_credit, secured, discount,
			unclassified, inclusive, inclusive_unknown, tied, amount_unknown
		FROM bulletin('fl', first, last, until) WHERE borrowers > 0
	), told AS (SELECT * FROM oracle(first, least(last, until)))
	SELECT (SELECT count(*) FROM (TABLE kept EXCEPT ALL TABLE told) a) + (SELECT count(*) FROM (TABLE told EXCEPT ALL TABLE kept) b) $$;

SELECT is(bulletin_differs('2025-07-01', '2025-09-30', '2025-09-30'), 0::bigint, 'a quarter');
SELECT is(bulletin_differs('2024-01-01', '2024-12-31', '2024-12-31'), 0::bigint, 'a year');
SELECT is_empty($$SELECT first, last, until FROM
	(VALUES (date '2025-02-01', date '2025-02-28'), ('2024-02-01', '2024-02-29'), ('2025-01-01', '2025-06-30'), ('2024-02-29', '2024-02-29'),
		('2024-02-10', '2024-02-20'), ('2024-02-03', '2024-02-27'), ('2023-03-31', '2025-03-01'), ('2024-06-30', '2024-07-01'), ('2024-06-02', '2024-07-30'),
		('2024-06-20', '2024-09-10'), ('2024-06-10', '2024-09-20'), ('2022-01-01', '2026-12-31'),
		(current_date, current_date + 1), (current_date - 14, current_date + 12), (current_date - 3, current_date), (current_date - 30, current_date + 30)) p(first, last),
	unnest(ARRAY[last, last - 1, first, first + (last - first) / 2, first + 20, current_date]) until
	WHERE until >= first AND bulletin_differs(first, last, least(until, last)) <> 0$$, 'any days, any cut-off');
SELECT is((SELECT households FROM bulletin('fl', '2025Q3') WHERE dimension = 'total'),
	(SELECT count(*) FROM judged WHERE status = 'counted' AND granted_on >= '2025-07-01' AND granted_on < '2025-10-01'), 'a period as text');
SELECT is((SELECT array_agg(b.*::text) FROM bulletin('fl', '2025Q3') b), (SELECT array_agg(b.*::text) FROM bulletin('fl', stat_period('2025Q3')) b), 'as a range');
SELECT is((SELECT array_agg(b.*::text) FROM bulletin('fl', '2025Q3') b), (SELECT array_agg(b.*::text) FROM bulletin('fl', '[2025-07-01,2025-09-30]') b), 'as a range in text');

-- the first and the last day are in it, the days beside them are not
SELECT is((SELECT array_agg((SELECT borrowers FROM bulletin('fl', f, l, l, '{total}'))
			- (SELECT borrowers FROM bulletin('fl', f + 1, l - 1, l, '{total}')) ORDER BY f)
		FROM (VALUES (date '2024-07-01', date '2024-09-30'), ('2025-07-01', '2025-09-30')) p(f, l)),
	(SELECT array_agg(n ORDER BY y) FROM (SELECT extract(year FROM granted_on) AS y, count(*) AS n FROM fl.register
		WHERE to_char(granted_on, 'MM-DD') IN ('07-01', '09-30') AND extract(year FROM granted_on) IN (2024, 2025) GROUP BY 1) x),
	'both ends');

-- invariants: a table each
CREATE VIEW some_bulletins AS
SELECT p, u, b.* FROM (VALUES ('2024', NULL::date), ('2025H1', NULL), ('2025Q3', '2025-08-10'), ('2024-02', NULL), ('2030', NULL)) v(p, u),
	bulletin('fl', p, u) b;
SELECT is_empty('SELECT * FROM some_bulletins WHERE households + unverified + refuted + ineligible <> borrowers', 'every first borrowing is counted, unverified, refuted or ineligible');
SELECT is_empty('SELECT * FROM some_bulletins WHERE pure_credit + secured + discount + unclassified <> households', 'classes add up to the households');
SELECT is_empty($$SELECT p, dimension FROM some_bulletins GROUP BY p, dimension, p HAVING
	(sum(households), sum(amount), sum(unverified), sum(refuted), sum(ineligible), sum(borrowers), sum(pure_credit), sum(secured), sum(discount),
		sum(unclassified), sum(inclusive), sum(inclusive_unknown), sum(tied), sum(amount_unknown), sum(last_year_households), sum(last_year_unverified),
		sum(last_year_amount), sum(cumulative_households))
	<> (SELECT households, amount, unverified, refuted, ineligible, borrowers, pure_credit, secured, discount, unclassified, inclusive,
		inclusive_unknown, tied, amount_unknown, last_year_households, last_year_unverified, last_year_amount, cumulative_households
		FROM some_bulletins t WHERE t.p = some_bulletins.p AND t.dimension = 'total')$$, 'every dimension adds up to the total');
SELECT is((SELECT array_agg(p ORDER BY p) FROM some_bulletins WHERE dimension = 'total'), '{2024,2024-02,2025H1,2025Q3,2030}', 'one total each, of an empty period too');
SELECT is_empty($$SELECT p, dimension, sum(share) FROM some_bulletins GROUP BY p, dimension HAVING abs(sum(share) - 100) > 0.005 * count(*)$$, 'shares add up to 100');

-- the same period last year
SELECT is((SELECT array_agg(same_day_last_year(d)) FROM unnest('{2024-02-29,2024-03-01,2025-02-28,2024-01-01}'::date[]) d),
	'{2023-02-28,2023-03-01,2024-02-28,2023-01-01}', 'the first day last year');
SELECT is((SELECT array_agg(same_cut_off_last_year(d)) FROM unnest('{2024-02-29,2024-02-28,2025-02-28,2025-02-27,2024-12-31,2025-08-10,2024-03-31}'::date[]) d),
	'{2023-02-28,2023-02-28,2024-02-29,2024-02-27,2023-12-31,2024-08-10,2023-03-31}', 'the cut-off last year');
SELECT is_empty($$SELECT f, u, b.last_year_households, b.last_year_amount, o.households, o.amount FROM
	(VALUES (date '2025-07-01', date '2025-08-10', date '2024-07-01', date '2024-08-10'), ('2025-02-01', '2025-02-28', '2024-02-01', '2024-02-29'),
		('2024-02-01', '2024-02-29', '2023-02-01', '2023-02-28'), ('2024-02-29', '2024-02-29', '2023-02-28', '2023-02-28'), ('2025-01-01', '2025-06-15', '2024-01-01', '2024-06-15')) v(f, u, lf, lu),
	LATERAL (SELECT * FROM bulletin('fl', f, f + 400, u) WHERE dimension <> 'institution' OR last_year_households + last_year_unverified > 0) b
	FULL JOIN LATERAL (SELECT * FROM oracle(lf, lu)) o ON o.dimension = b.dimension AND o.value IS NOT DISTINCT FROM b.value
	WHERE coalesce(b.last_year_households, 0) <> coalesce(o.households, 0) OR coalesce(b.last_year_amount, 0) <> coalesce(o.amount, 0)
		OR coalesce(b.last_year_unverified, 0) <> coalesce(o.unverified, 0)$$, 'last year with the same cut-off');

-- cumulative against the target
SELECT is((SELECT ROW(cumulative_households, target_share)::text FROM bulletin('fl', '2025Q3', '2025-08-10') WHERE dimension = 'total'),
	(SELECT ROW(n, round(n / 10.0, 2))::text FROM (SELECT count(*) AS n FROM judged WHERE status = 'counted' AND granted_on BETWEEN '2024-01-01' AND '2025-08-10') x),
	'from the first day of the plan to the cut-off');
SELECT is((SELECT cumulative_households FROM bulletin('fl', date '2023-07-01', date '2024-06-30') WHERE dimension = 'total'),
	(SELECT count(*) FROM judged WHERE status = 'counted' AND granted_on BETWEEN '2024-01-01' AND '2024-06-30'), 'of a period that began before the plan');
SELECT is((SELECT cumulative_households FROM bulletin('fl', '2023Q1') WHERE dimension = 'total'), 0::bigint, 'before the plan');

-- rank, names, institutions without any
SELECT is_empty($$SELECT b.value FROM bulletin('fl', '2024') b WHERE rank IS DISTINCT FROM CASE WHEN value IS NOT NULL THEN
	1 + (SELECT count(*) FROM bulletin('fl', '2024') c WHERE c.dimension = b.dimension AND c.value IS NOT NULL AND c.households > b.households) END$$,
	'rank, equal ones alike; the unknown has none');
SELECT is((SELECT array_agg(value || ' ' || name ORDER BY value) FROM bulletin('fl', '2024') WHERE dimension = 'institution'),
	'{B1 One,B2 Two,B3 Three,"B4 Four, which never grants","B9 B9",NULL}', 'institutions of the list, and those that are not on it');
SELECT is((SELECT array_agg(value ORDER BY value) FROM bulletin('fl', '2030') WHERE dimension = 'institution' AND value <> 'B9'), '{B1,B2,B3,B4,B6}', 'the list of the period');
SELECT is((SELECT array_agg(DISTINCT dimension) FROM bulletin('fl', date '2024-01-01', date '2024-12-31', NULL, '{class}')), '{class}', 'one dimension');

-- a joint loan
SAVEPOINT joint;
INSERT INTO fl.register (borrower, granted_on, institution, ref, amount, area, verdict, eligible) VALUES
	('J1', '2031-05-05', 'B1', 'J', 700, '350582', 'confirmed', true), ('J2', '2031-05-05', 'B1', 'J', 700, '350583', 'confirmed', true), ('J3', '2031-05-06', 'B1', 'K', 50, '350583', 'confirmed', true);
SELECT is((SELECT array_agg(format('%s %s: %s, %s', dimension, value, households, amount) ORDER BY dimension, value) FROM bulletin('fl', date '2031-05-01', date '2031-05-31', '2031-05-31', '{total,area}') WHERE households > 0),
	'{"area 350582: 1, 700","area 350583: 2, 750","total : 3, 1450"}', 'a joint loan is with each of its borrowers, in each area');
SELECT is((SELECT sum(amount) FROM (SELECT DISTINCT institution, ref, amount FROM fl.households WHERE status = 'counted' AND granted_on BETWEEN '2031-05-01' AND '2031-05-31') loans),
	750::numeric, 'and once where loans are summed');
ROLLBACK TO joint;

SELECT throws_ok($$SELECT bulletin('nothing', '2024')$$, '42704', 'there is no monitor "nothing"', 'no monitor');
SELECT throws_ok($$SELECT bulletin('fl', date '2024-01-01', date '2024-12-31', NULL, '{bank}')$$, '22023', NULL, 'no such dimension');
SELECT throws_ok($$SELECT bulletin('fl', daterange('2024-01-01', 'infinity'))$$, '22023', NULL, 'no end');

-- the views say the same
SELECT is_empty($$SELECT period, granularity FROM fl.periods WHERE daterange(period_from, period_to, '[]') <> stat_period(period)$$, 'periods are as stat_period reads them');
SELECT is((SELECT array_agg(granularity || ' ' || n ORDER BY granularity) FROM (SELECT granularity, count(*) AS n FROM fl.periods
		WHERE period_from >= '2023-01-01' AND period_to <= '2025-12-31' GROUP BY 1) x), '{"half 6","month 36","quarter 12","year 3"}', 'all of them');
SELECT is((SELECT array_agg(b.*::text) FROM bulletin('fl', '2025Q3') b),
	(SELECT array_agg((to_jsonb(b) - '{granularity,period,period_from,period_to,until}'::text[])::text) FROM fl.bulletins b WHERE false)
	|| (SELECT array_agg(b.*::text) FROM (SELECT dimension, value, name, rank, households, share, amount, average_rate, unverified, refuted, ineligible,
			borrowers, pure_credit, secured, discount, unclassified, inclusive, inclusive_unknown, tied, amount_unknown, last_year_households,
			last_year_unverified, last_year_amount, cumulative_households, target_share FROM fl.bulletins WHERE period = '2025Q3') b), 'view bulletins');
SELECT is((SELECT sum(households) FROM fl.monthly_series), (SELECT count(*) FROM judged WHERE status = 'counted')::numeric, 'the months add up to all households');
SELECT is((SELECT count(*) FROM fl.monthly_series), (SELECT count(*) FROM generate_series((SELECT date_trunc('month', min(granted_on)::timestamp) FROM fl.register),
	(SELECT max(granted_on)::timestamp FROM fl.register), interval '1 month')), 'without a gap');
SELECT is((SELECT households + last_year_households + cumulative_households FROM fl.monthly_series WHERE month = '2025-05-01'),
	(SELECT count(*) FILTER (WHERE granted_on BETWEEN '2025-05-01' AND '2025-05-31') + count(*) FILTER (WHERE granted_on BETWEEN '2024-05-01' AND '2024-05-31')
		+ count(*) FILTER (WHERE granted_on BETWEEN '2024-01-01' AND '2025-05-31') FROM judged WHERE status = 'counted'), 'a month of it');
SELECT is((SELECT households FROM fl.progress WHERE period = 'plan'), (SELECT sum(households)::bigint FROM fl.progress WHERE period <> 'plan'), 'the plan is the sum of its years');
SELECT is((SELECT array_agg(concat_ws(' ', period, households, target, target_share) ORDER BY period) FROM fl.progress),
	(SELECT array_agg(concat_ws(' ', year, n, 1000, round(n / 10.0, 2)) ORDER BY year) FROM (
		SELECT year, count(borrower) AS n FROM unnest('{2024,2025,2026,plan}'::text[]) year
		LEFT JOIN judged ON status = 'counted' AND granted_on BETWEEN '2024-01-01' AND least(date '2026-12-31', current_date) AND year IN ('plan', to_char(granted_on, 'YYYY'))
		GROUP BY year) y), 'progress of the plan and its years');
SELECT is((SELECT count(*) FROM fl.households WHERE status IS NULL OR status <> (SELECT status FROM judged j WHERE j.borrower = households.borrower)), 0::bigint, 'status of each household');

-- ----------------------------------------------------------------------
-- Evaluation
-- ----------------------------------------------------------------------

DELETE FROM fl.register;
INSERT INTO fl.register (borrower, granted_on, institution, verdict, eligible, inclusive)
SELECT 'E' || row_number() OVER (), day, bank, 'confirmed', true, true
FROM (VALUES ('B1', date '2025-01-01', 4), ('B2', '2025-08-10', 3), ('B3', '2025-08-11', 9), ('B1', '2024-08-10', 5), ('B2', '2024-01-01', 2), ('B2', '2024-08-11', 9), ('B3', '2024-12-31', 1)) v(bank, day, n),
	generate_series(1, n);
INSERT INTO fl.register (borrower, granted_on, institution, verdict, eligible, inclusive) VALUES
	('N1', '2025-02-01', 'B4', 'confirmed', true, false), ('N2', '2025-02-01', 'B4', 'confirmed', true, NULL), ('N3', '2025-02-01', 'B4', 'unverified', true, true),
	('N4', '2025-02-01', 'B4', 'refuted', true, true), ('N5', '2025-02-01', 'B9', 'confirmed', true, true), ('N6', '2025-02-01', NULL, 'confirmed', true, true);
-- To 10 August: B1 4 (5 last year), B2 3 (2), B3 0 (0), B4 0 (0); the average of four is 1.75.
SELECT is((SELECT array_agg(format('%s %s %s %s %s %s %s', institution, households, last_year_households, average, passed_average, passed_last_year, passed) ORDER BY institution)
		FROM evaluation('fl', 2025, '2025-08-10') WHERE listed),
	'{B1 4 5 1.75 t f t,B2 3 2 1.75 t t t,B3 0 0 1.75 f f f,B4 0 0 1.75 f f f}', 'each condition, both sides of the cut-off');
SELECT is((SELECT array_agg(format('%s %s %s %s', institution, households, average, passed) ORDER BY institution) FROM evaluation('fl', 2025, '2025-08-10', false) WHERE listed),
	'{B1 4 3.50 t,B2 3 3.50 t,B3 0 3.50 f,B4 0 3.50 f}', 'without institutions that have none, the average is of two; B2 passes by last year');
SELECT is((SELECT array_agg(format('%s %s %s %s', coalesce(institution, '?'), households, passed_average, passed)) FROM evaluation('fl', 2025, '2025-08-10') WHERE NOT listed),
	'{"B9 1  ","? 1  "}', 'who is not on the list is shown, not evaluated');
SELECT is((SELECT format('%s %s', inclusive_unknown, unverified) FROM evaluation('fl', 2025, '2025-08-10') WHERE institution = 'B4'), '1 1', 'unknown apart');
INSERT INTO fl.register (borrower, granted_on, institution, verdict, eligible, inclusive)
SELECT 'F' || i, '2025-03-01', (ARRAY['B3', 'B4'])[1 + i % 2], 'confirmed', true, true FROM generate_series(1, 7) i;
SELECT is((SELECT array_agg(format('%s %s %s %s', institution, households, average, passed_average) ORDER BY institution) FROM evaluation('fl', 2025, '2025-08-10') WHERE listed),
	'{B1 4 3.50 t,B2 3 3.50 f,B3 3 3.50 f,B4 4 3.50 t}', 'exceeds, of an average that is no whole number');
DELETE FROM fl.register WHERE borrower IN ('F1', 'F7');
DELETE FROM fl.register WHERE borrower = (SELECT min(borrower) FROM fl.register WHERE institution = 'B1' AND granted_on = '2025-01-01');
SELECT is((SELECT array_agg(format('%s %s %s %s', institution, households, average, passed_average) ORDER BY institution) FROM evaluation('fl', 2025, '2025-08-10') WHERE listed),
	'{B1 3 2.75 t,B2 3 2.75 t,B3 3 2.75 t,B4 2 2.75 f}', 'and just below it');
CREATE TEMP VIEW granted AS SELECT i.institution, count(r.borrower) AS n
	FROM (SELECT unnest('{B1,B2,B3,B4,B9}'::text[]) AS institution) i LEFT JOIN fl.register r ON r.institution = i.institution AND granted_on BETWEEN '2025-01-01' AND '2025-08-10'
		AND eligible AND verdict = 'confirmed' GROUP BY 1;
SELECT ok(EXISTS (SELECT FROM granted a JOIN granted b USING (n) JOIN granted c ON c.n < b.n WHERE a.institution <> b.institution), 'two alike, and one after them');
SELECT is((SELECT array_agg(concat_ws(' ', rank, value, households) ORDER BY rank, value) FROM bulletin('fl', date '2025-01-01', date '2025-08-10')
		WHERE dimension = 'institution' AND value IS NOT NULL),
	(SELECT array_agg(concat_ws(' ', (SELECT 1 + count(*) FROM granted h WHERE h.n > g.n), institution, n) ORDER BY n DESC, institution) FROM granted g), 'the rank after a tie');
SELECT is((SELECT bool_or(passed_average) FROM evaluation('fl', 2023, '2023-12-31')), false, 'none passes where there are none');
SELECT is((SELECT array_agg(institution ORDER BY institution) FROM evaluation('fl', 2023, '2023-12-31') WHERE listed), '{B1,B2,B3,B4,B5}', 'the list of that year');
SELECT is((SELECT count(*) FROM fl.evaluations WHERE year = 2025), (SELECT count(*) FROM evaluation('fl', 2025)), 'view evaluations');

-- ----------------------------------------------------------------------
-- Denominators, by hand: in 2025Q3, three borrowers were granted 600, one of them twice
-- ----------------------------------------------------------------------

INSERT INTO source.borrowings VALUES
	('H1', 'B1', '2025-07-01', '1', 'loan', 100, '350582', NULL), ('H1', 'B2', '2025-09-30', '2', 'loan', 200, '350582', '2025-09-30'),
	('H2', 'B1', '2025-08-01', '3', 'loan', 250, '350583', '2025-10-01'), ('H3', 'B1', '2025-08-01', '4', 'discount', 50, NULL, '2025-08-02'),
	('H4', 'B1', '2025-06-30', '5', 'loan', 1000, '350582', NULL), ('H5', 'B1', '2025-10-01', '6', 'loan', 2000, '350582', NULL),
	('H6', 'B2', '2020-01-01', '7', 'loan', 3000, '350583', '2021-01-01'), ('H7', 'B1', NULL, '8', 'loan', 4000, '350582', NULL), (NULL, 'B1', '2025-08-01', '9', 'loan', 5000, '350582', NULL);
INSERT INTO source.taxpayers VALUES ('T1', true, 'a', '350582', 'B1', 'micro'), ('T2', true, 'b', '350582', 'B1', 'large'), ('T3', false, 'c', '350583', 'B2', 'micro'),
	('T4', NULL, 'd', NULL, NULL, 'micro'), ('T5', true, 'e', '350583', 'B2', 'micro'), ('T6', true, 'f', '350583', 'B2', 'micro'), ('T7', true, 'g', '350583', 'B9', NULL),
	('T8', true, 'h', '350583', 'B2', 'micro'), ('T9', true, 'i', '350583', 'B2', 'micro');
SELECT refresh_denominators('fl', '2025Q3');
SELECT refresh_denominators('fl', '2025Q3');
SELECT is((SELECT array_agg(format('%s %s: %s, %s, %s, %s, %s', dimension, coalesce(value, '?'), borrowers_with_balance, amount_granted, borrowers_granted, taxpayers, operating_taxpayers)
		ORDER BY dimension, value) FROM fl.denominators),
	ARRAY['area 350582: 2, 300, 1, 2, 2', 'area 350583: 1, 250, 1, 6, 5', 'area ?: 0, 50, 1, 1, 0', 'institution B1: 3, 400, 3, , ', 'institution B2: 0, 200, 1, , ', 'total ?: 3, 600, 3, 9, 7'],
	'denominators');
SELECT is((SELECT format('%s/%s %s/%s %s/%s', households, borrowers_granted, households, borrowers_with_balance, amount, amount_granted) FROM fl.first_loan_shares WHERE dimension = 'total'),
	(SELECT format('%s/3 %1$s/3 %s/600', count(*), 0) FROM judged WHERE status = 'counted' AND granted_on BETWEEN '2025-07-01' AND '2025-09-30'), 'numerators and denominators');
SELECT is((SELECT format('%s %s %s', share_of_borrowers_granted, share_of_taxpayers, share_of_amount_granted) FROM fl.first_loan_shares WHERE dimension = 'institution' AND value = 'B2'),
	'300.00  0.00', 'a share each, NULL without a denominator');

-- ----------------------------------------------------------------------
-- Cultivation list, as of 31 December 2025 and 30 June 2026
-- ----------------------------------------------------------------------

INSERT INTO source.taxpayers VALUES ('T10', true, 'j', '350583', 'B2', 'micro'), (NULL, true, 'nobody', NULL, NULL, NULL);
UPDATE source.taxpayers SET kind = 'enterprise', ownership = 'state' WHERE borrower = 'T2';
INSERT INTO source.reports
SELECT 'T' || i, jsonb_build_object('report_date', CASE i WHEN 10 THEN '2025-12-30' ELSE '2025-12-31' END)::text::credit_report FROM unnest('{1,2,3,4,8,9,10}'::int[]) i;
INSERT INTO source.reports VALUES ('T6', '{"report_date": "2026-01-05", "accounts": [{"business": "11", "opened_on": "2025-12-31"}]}'),
	('T7', '{"report_date": "2026-01-05", "accounts": [{"business": "11", "opened_on": "2026-01-01"}]}'),
	('T1', '{"report_date": "2020-01-05"}');
INSERT INTO fl.register (borrower, granted_on, institution, verdict, eligible) VALUES ('T8', '2025-12-31', 'B2', 'confirmed', true), ('T9', '2026-01-01', 'B2', 'confirmed', true);
SELECT is(refresh_cultivation_list('fl', '2025-12-31'), 1::bigint, 'first version');
SELECT is((SELECT array_agg(format('%s %s %s', borrower, status, split_part(reason, ':', 1)) ORDER BY length(borrower), borrower) FROM fl.cultivation),
	'{"T1 listed ","T2 ineligible neither private nor small nor micro","T3 not_operating does not operate normally","T4 unknown not known whether it operates",
	"T5 unknown no credit report","T6 borrowed borrowed by the report","T7 listed ","T8 borrowed borrowed","T9 listed ","T10 unknown report of 2025-12-30"}',
	'who is on it and who is not');
SELECT is((SELECT array_agg(format('%s %s %s %s', borrower, converted_on - date '2026-01-01', converted_by, by_basic_account_bank) ORDER BY borrower) FROM fl.cultivation_list),
	'{"T1   ","T7   ","T9 0 B2 t"}', 'converted since, by the bank of the basic account');
SELECT is((SELECT count(*) FROM fl.cultivation_changes), 0::bigint, 'nobody enters or leaves a first version');

DELETE FROM source.taxpayers WHERE borrower = 'T1';
UPDATE source.taxpayers SET operating = true WHERE borrower = 'T3';
UPDATE source.taxpayers SET ownership = 'private' WHERE borrower = 'T2';
INSERT INTO source.taxpayers VALUES ('T12', true, 'l', '350582', 'B1', 'micro');
DELETE FROM fl.register WHERE borrower = 'T8';
INSERT INTO source.reports SELECT 'T' || i, '{"report_date": "2026-07-01"}' FROM unnest('{2,3,5,8,9,12}'::int[]) i;
SELECT is(refresh_cultivation_list('fl', '2026-06-30'), 2::bigint, 'second version');
SELECT is((SELECT array_agg(format('%s %s %s', borrower, change, split_part(reason, ':', 1)) ORDER BY length(borrower), borrower) FROM fl.cultivation_changes),
	'{"T1 left no taxpayer any more","T2 entered private, small or micro by now","T3 entered operates normally again","T5 entered never borrowed by now known",
	"T7 left borrowed by the report","T8 entered no borrowing on record any more","T9 left borrowed","T12 entered a new taxpayer"}', 'who entered, who left, and why');
SELECT is((SELECT array_agg(format('%s %s %s: %s %s %s %s %s', version, dimension, value, listed, unknown, entered, departed, converted) ORDER BY version, dimension, value)
		FROM fl.cultivation_summary WHERE dimension <> 'area'),
	'{"1 bank B1: 1 0 0 0 0","1 bank B2: 1 2 0 0 1","1 bank B9: 1 0 0 0 0","1 bank : 0 1 0 0 0","1 total : 3 3 0 0 1",
	"2 bank B1: 2 0 2 1 0","2 bank B2: 3 1 3 1 0","2 bank B9: 0 0 0 1 0","2 bank : 0 1 0 0 0","2 total : 5 2 5 3 0"}', 'by bank');
SELECT is_empty($$SELECT version, dimension FROM fl.cultivation_summary s GROUP BY version, dimension HAVING (sum(listed), sum(unknown), sum(entered), sum(departed), sum(converted))
	<> (SELECT listed, unknown, entered, departed, converted FROM fl.cultivation_summary t WHERE t.version = s.version AND dimension = 'total')$$, 'banks and areas add up to the total');
SELECT is_empty($$SELECT n.version FROM fl.cultivation_summary n JOIN fl.cultivation_summary o ON o.version = n.version - 1 AND (o.dimension, n.dimension) = ('total', 'total')
	WHERE n.listed <> o.listed + n.entered - n.departed$$, 'listed before, entered and left make what is listed');
SELECT throws_ok($$SELECT refresh_cultivation_list('fl', '2026-06-29')$$, '22023', NULL, 'not older than the newest');

-- ----------------------------------------------------------------------
-- Publication
-- ----------------------------------------------------------------------

DELETE FROM fl.register;
INSERT INTO fl.register (borrower, granted_on, institution, ref, instrument, amount, class, verdict, eligible, inclusive)
SELECT 'P' || i, date '2025-07-01' + (i - 1) * 13, 'B' || (1 + i % 2), 'R' || i, 'loan', 100 * i, 'secured', CASE i WHEN 4 THEN 'unverified' ELSE 'confirmed' END, true, true
FROM generate_series(1, 8) i;
SELECT is(publish('fl', '2025Q3', '2025-09-01'), 1::bigint, 'the quarter so far: five households');
SELECT is(publish('fl', '2025Q3'), 2::bigint, 'the whole quarter');
SELECT is((SELECT array_agg(format('%s %s %s', borrower, change, reason) ORDER BY borrower) FROM fl.published_changes WHERE publication = 2),
	'{"P6 entered later cut-off","P7 entered later cut-off","P8 entered later cut-off"}', 'a revision says what the later cut-off brought');
CREATE TABLE as_published AS SELECT to_jsonb(p) AS row FROM fl.publications p UNION ALL SELECT to_jsonb(b) FROM fl.published_bulletin b UNION ALL SELECT to_jsonb(h) FROM fl.published_households h
	UNION ALL SELECT to_jsonb(e) FROM fl.published_evaluation e UNION ALL SELECT to_jsonb(d) FROM fl.published_definition d UNION ALL SELECT to_jsonb(s) FROM fl.published_shares s;
UPDATE fl.register SET granted_on = '2025-06-30', institution = 'B3', ref = 'R0' WHERE borrower = 'P1';
DELETE FROM fl.register WHERE borrower = 'P2';
UPDATE fl.register SET granted_on = '2025-10-01' WHERE borrower = 'P3';
UPDATE fl.register SET verdict = 'confirmed', verdict_reason = 'never borrowed before' WHERE borrower = 'P4';
UPDATE fl.register SET amount = 501, rate = 3 WHERE borrower = 'P5';
UPDATE fl.register SET institution = 'B3', ref = 'R66' WHERE borrower = 'P6';
UPDATE fl.register SET eligible = false WHERE borrower = 'P8';
INSERT INTO fl.register (borrower, granted_on, institution, ref, verdict, eligible) VALUES ('P9', '2025-09-30', 'B1', 'R9', 'confirmed', true), ('P10', '2025-10-01', 'B1', 'R10', 'confirmed', true);
SELECT is(publish('fl', stat_period('2025Q3')), 3::bigint, 'again');
SELECT is((SELECT array_agg(format('%s %s, %s: %s>%s %s>%s %s>%s %s>%s', borrower, change, reason, old_status, new_status, old_institution, new_institution, old_amount, new_amount,
		extract(doy FROM old_granted_on), extract(doy FROM new_granted_on)) ORDER BY borrower) FROM fl.published_changes WHERE publication = 3),
	ARRAY['P1 left, an earlier borrowing: counted> B2>B3 100>100 182>181', 'P2 left, no borrowing on record any more: counted> B1> 200> 195>',
	'P3 left, the first borrowing is later: counted> B2>B2 300>300 208>274', 'P4 changed, verdict: unverified>counted B1>B1 400>400 221>221',
	'P5 changed, amount, rate: counted>counted B2>B2 500>501 234>234', 'P6 changed, another first borrowing: counted>counted B1>B3 600>600 247>247',
	'P8 changed, eligibility: counted>ineligible B1>B1 800>800 273>273', 'P9 entered, first borrowing newly on record: >counted >B1 > >273'], 'each household that changed, and why');
SELECT is((SELECT array_agg(format('%s %s %s', publication, revision, households) ORDER BY publication) FROM fl.publications), '{"1 1 4","2 2 7","3 3 5"}', 'three revisions');
SELECT is((SELECT households FROM fl.publications WHERE publication = 3), (SELECT p.households + count(*) FILTER (WHERE new_status = 'counted') - count(*) FILTER (WHERE old_status = 'counted')
	FROM fl.publications p, fl.published_changes c WHERE p.publication = 2 AND c.publication = 3 AND c.change <> 'none' GROUP BY p.households), 'the changes explain the difference');
SELECT is((SELECT count(*) FROM fl.published_households WHERE publication = 3 AND status = 'counted'), 5::bigint, 'the households behind the number');
SELECT is(publish('fl', '2025Q3'), 4::bigint, 'nothing changed');
SELECT is((SELECT count(*) FROM fl.published_changes WHERE publication = 4), 0::bigint, 'hence nothing is listed');
SELECT is_empty($$SELECT row FROM as_published EXCEPT (SELECT to_jsonb(p) FROM fl.publications p UNION ALL SELECT to_jsonb(b) FROM fl.published_bulletin b UNION ALL
	SELECT to_jsonb(h) FROM fl.published_households h UNION ALL SELECT to_jsonb(e) FROM fl.published_evaluation e UNION ALL SELECT to_jsonb(d) FROM fl.published_definition d
	UNION ALL SELECT to_jsonb(s) FROM fl.published_shares s)$$, 'what was published is as it was');
SELECT is((SELECT count(*) FROM fl.published_shares WHERE publication = 4 AND dimension = 'total' AND borrowers_granted = 3), 1::bigint, 'shares are in it');
SELECT is((SELECT array_agg(name || '=' || value ORDER BY name) FROM fl.published_definition WHERE publication = 3
	AND name IN ('target', 'ceiling from 0001-01-01', 'publication until', 'publication revision')),
	'{"ceiling from 0001-01-01=< 10000000","publication revision=3","publication until=2025-09-30",target=1000}', 'its definition');

SET LOCAL timezone = 'America/New_York';
SET LOCAL datestyle = 'German';
SELECT is_empty($$SELECT publication FROM fl.publications WHERE digest <> publication_digest('fl', publication)$$, 'digests, whatever the session is like');
SELECT is((SELECT count(DISTINCT digest) FROM fl.publications), 4::bigint, 'are of a publication each');
SELECT ok((SELECT bool_and(digest ~ '^[0-9a-f]{64}$') FROM fl.publications), 'SHA-256');
SET LOCAL timezone = 'UTC';
SELECT is((SELECT digest FROM fl.publications WHERE publication = 3), (
	SELECT encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex') FROM (
		SELECT part || ' ' || encode(sha256(convert_to(jsonb_strip_nulls(row - 'publication')::text, 'UTF8')), 'hex') AS line FROM (
			SELECT 'definition' AS part, publication, to_jsonb(t) AS row FROM fl.published_definition t UNION ALL SELECT 'bulletin', publication, to_jsonb(t) FROM fl.published_bulletin t
			UNION ALL SELECT 'evaluation', publication, to_jsonb(t) FROM fl.published_evaluation t UNION ALL SELECT 'shares', publication, to_jsonb(t) FROM fl.published_shares t
			UNION ALL SELECT 'households', publication, to_jsonb(t) FROM fl.published_households t UNION ALL SELECT 'changes', publication, to_jsonb(t) FROM fl.published_changes t) r
		WHERE publication = 3) l), 'over everything that was published');

CREATE FUNCTION refused(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE command;
	RETURN 'done: ' || command;
EXCEPTION WHEN object_not_in_prerequisite_state THEN
	RETURN CASE WHEN SQLERRM <> 'a published bulletin never changes' THEN SQLERRM || ': ' || command END;
END $$;
SELECT is_empty($$SELECT refused(format(c, t)) FROM unnest('{publications,published_definition,published_bulletin,published_evaluation,published_shares,published_households,published_changes}'::text[]) t,
	unnest('{UPDATE fl.%s SET publication = 9,DELETE FROM fl.%s WHERE publication = 1,TRUNCATE fl.%s}'::text[]) c WHERE refused(format(c, t)) IS NOT NULL$$, 'no change of what is published');
SELECT is_empty($$SELECT refused(format('INSERT INTO fl.%1$s SELECT * FROM fl.%1$s WHERE publication = 3', t)) FROM unnest('{published_bulletin,published_evaluation,published_shares}'::text[]) t
	WHERE refused(format('INSERT INTO fl.%1$s SELECT * FROM fl.%1$s WHERE publication = 3', t)) IS NOT NULL$$, 'and nothing is added');
SELECT is(refused($$INSERT INTO fl.published_households (publication, borrower, status, granted_on) VALUES (3, 'P99', 'counted', '2025-09-30')$$), NULL, 'no household either');
ALTER TABLE fl.published_bulletin DISABLE TRIGGER published_is_final;
UPDATE fl.published_bulletin SET households = households + 1 WHERE publication = 3 AND dimension = 'total';
SELECT is((SELECT array_agg(publication) FROM fl.publications WHERE digest <> publication_digest('fl', publication)), '{3}', 'whoever tampers is found out');
SELECT throws_ok($$SELECT publish('fl', daterange(NULL, '2025-01-01'))$$, '22023', NULL, 'a period needs both ends');
SELECT throws_ok($$SELECT publish('fl', '2025Q3', '2025-06-30')$$, '22023', NULL, 'and must have begun');

-- ----------------------------------------------------------------------
-- Names that must be quoted, or are formats
-- ----------------------------------------------------------------------

CREATE SCHEMA "so""ur'ce; %s x";
SELECT format('CREATE VIEW "so""ur''ce; %%s x".%I AS SELECT * FROM source.%I', 'a"b''c; %s ' || v, v) AS make FROM unnest('{borrowings,reports,institutions,taxpayers}'::text[]) v \gexec
SELECT create_monitor('tame', 'source.borrowings', NULL, 'source.reports', 'source.institutions', 'source.taxpayers', 1000, '[2024-01-01,2027-01-01)'),
	create_monitor('we""ird''; %s $1 x', '"so""ur''ce; %s x"."a""b''c; %s borrowings"', NULL, '"so""ur''ce; %s x"."a""b''c; %s reports"',
		'"so""ur''ce; %s x"."a""b''c; %s institutions"', '"so""ur''ce; %s x"."a""b''c; %s taxpayers"', 1000, '[2024-01-01,2027-01-01)');
CREATE FUNCTION everything(monitor text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	relation text;
BEGIN
	PERFORM refresh(monitor), refresh_denominators(monitor, '2025Q3'), refresh_cultivation_list(monitor, '2025-12-31'), refresh_cultivation_list(monitor, '2026-06-30'),
		publish(monitor, '2025Q3'), publish(monitor, '2025Q3', '2025-08-20'), publish(monitor, '2025Q3');
	RETURN QUERY SELECT b::text FROM bulletin(monitor, date '2025-01-10', date '2025-09-20', '2025-09-11') b;
	RETURN QUERY SELECT e::text FROM evaluation(monitor, 2025, '2025-08-10') e;
	RETURN QUERY SELECT publication_digest(monitor, 1) ~ '^[0-9a-f]{64}$' || '';
	FOREACH relation IN ARRAY '{register,month_statistics,institutions,institution_listings,households,periods,bulletins,monthly_series,progress,evaluations,denominators,first_loan_shares,
			cultivation,cultivation_list,cultivation_changes,cultivation_summary,publications,published_bulletin,published_evaluation,published_shares,published_households,published_changes}'::text[] LOOP
		RETURN QUERY EXECUTE format('SELECT %L || (to_jsonb(t) - ''{refreshed_at,computed_at,made_at,published_at,digest}''::text[])::text FROM %I.%I t', relation, monitor, relation);
	END LOOP;
END $$;
CREATE TABLE tame AS SELECT everything('tame') AS line;
SELECT cmp_ok((SELECT count(*) FROM tame), '>', 200::bigint, 'everything that a monitor says');
SELECT bag_eq($$SELECT everything('we""ird''; %s $1 x')$$, 'SELECT line FROM tame', 'is the same under names that must be quoted');
-- nor is a parameter more than a value
UPDATE "we""""ird'; %s $1 x".definition SET value = '0) v, (SELECT 1 / 0' WHERE name = 'reporting_lag';
SELECT throws_ok($$SELECT refresh_cultivation_list('we""ird''; %s $1 x', '2026-12-31')$$, '22P02', NULL, 'a parameter is quoted');
SELECT throws_ok($$DELETE FROM "we""""ird'; %s $1 x".publications$$, '55000', 'a published bulletin never changes', 'and as final');
SELECT lives_ok($$SELECT drop_monitor('we""ird''; %s $1 x')$$, 'and goes');

-- ----------------------------------------------------------------------
-- A plan inside months, areas that households say, an institution that left and
-- came back, taxpayers in the words of code lists
-- ----------------------------------------------------------------------

CREATE TABLE source.inside (borrower text, institution text, granted_on date, ref text, instrument text, amount numeric, area text, settled_on date);
INSERT INTO source.inside VALUES ('A1', 'I1', '2024-01-19', '1', 'loan', 100, ' 350502 '), ('A2', 'I1', '2024-01-20', '2', 'loan', 100, '--'),
	('A3', 'I2', '2024-02-15', '3', 'loan', 100, NULL), ('A4', 'I2', '2024-02-16', '4', 'loan', 100, NULL);
CREATE TABLE source.inside_households AS SELECT borrower, '350503'::text AS area, 'enterprise'::text AS kind, 'private'::text AS ownership FROM source.inside;
CREATE TABLE source.inside_reports AS
SELECT borrower, '{"report_date": "2025-12-31"}'::credit_report AS report
FROM (SELECT borrower FROM source.inside UNION SELECT 'T' || i FROM generate_series(1, 6) i UNION SELECT '92350502MA12345678') b;
CREATE TABLE source.spells (institution text, name text, listed_from date, listed_to date);
INSERT INTO source.spells VALUES ('I1', 'one', NULL, NULL), ('I2', 'two', '2020-01-01', '2021-12-31'), ('I2', 'two', '2026-01-01', NULL);
CREATE TABLE source.inside_taxpayers (borrower text, operating boolean, kind text, scale text, ownership text, area text);
INSERT INTO source.inside_taxpayers VALUES ('T1', true, 'enterprise', 'large', 'state', '350502'), ('T2', true, 'enterprise', 'CS01', 'state', ' 350502'),
	('T3', true, 'enterprise', '大型', 'state', '--'), ('T4', true, 'other', ' large ', 'foreign', NULL),
	('T5', true, '--', 'CS04', 'state', NULL), ('T6', true, '', '--', ' private ', NULL), ('92350502MA12345678', true, NULL, NULL, NULL, NULL);
SELECT create_monitor('inside', 'source.inside', 'source.inside_households', 'source.inside_reports', 'source.spells', 'source.inside_taxpayers',
	4, '[2024-01-20,2024-02-16)');
SELECT refresh('inside');

SELECT is((SELECT array_agg(cumulative_households ORDER BY month) FROM inside.monthly_series), '{1,2}', 'the plan begins and ends inside months');
SELECT is((SELECT array_agg(target_share ORDER BY month) FROM inside.monthly_series), '{25.00,50.00}', 'so does its share');
SELECT is((SELECT array_agg(cumulative_households ORDER BY month) FROM (VALUES ('2024-01'), ('2024-02')) m(month), bulletin('inside', month) b WHERE dimension = 'total'),
	'{1,2}', 'as the bulletins say');

SELECT refresh_denominators('inside', '2024');
SELECT is((SELECT array_agg(format('%s %s %s', value, amount_granted, borrowers_granted) ORDER BY value) FROM inside.denominators WHERE dimension = 'area' AND amount_granted IS NOT NULL),
	'{"350502 100 1","350503 300 3"}', 'areas are read as in the register');
SELECT is((SELECT array_agg(format('%s %s', value, share_of_amount_granted) ORDER BY value) FROM inside.first_loan_shares WHERE dimension = 'area'),
	'{"350502 100.00","350503 100.00"}', 'so that each has a share');

SELECT is((SELECT array_agg(value) FROM bulletin('inside', '2023') WHERE dimension = 'institution'), '{I1}', 'a listed one that granted nothing, not the one that had left');
SELECT is((SELECT array_agg(format('%s %s', institution, listed) ORDER BY institution) FROM evaluation('inside', 2024, '2024-12-31')), '{"I1 t","I2 f"}', 'nor is it evaluated');
SELECT is((SELECT array_agg(format('%s %s', institution, listed) ORDER BY institution) FROM evaluation('inside', 2021, '2021-12-31')), '{"I1 t","I2 t"}', 'while it was there it is');
SELECT is((SELECT array_agg(format('%s %s %s', institution, to_char(listed_from, 'YYYYMMDD'), listed_to) ORDER BY institution) FROM inside.institutions), '{"I1  ","I2 20200101 "}', 'each institution is a row');

SELECT refresh_cultivation_list('inside', '2025-12-31');
SELECT is((SELECT array_agg(format('%s %s %s %s %s %s', borrower, status, eligible, kind, scale, area) ORDER BY borrower COLLATE "C") FROM inside.cultivation),
	'{"92350502MA12345678 listed t   ","T1 ineligible f enterprise large 350502","T2 ineligible f enterprise large 350502","T3 ineligible f enterprise large ","T4 ineligible f other large ",
	"T5 listed t  micro ","T6 listed t   "}', 'taxpayers are read as households are');

SELECT publish('inside', '2024', '2024-01-31');
SELECT is_empty('SELECT * FROM inside.published_shares', 'shares of another cut-off are not frozen');
SELECT publish('inside', '2024');
SELECT is((SELECT format('%s %s', households, amount_granted) FROM inside.published_shares WHERE dimension = 'total'), '4 400', 'those of the whole are');
SELECT publish('inside', '2024', '2024-01-31');
SELECT is((SELECT array_agg(format('%s %s %s', borrower, change, reason) ORDER BY borrower) FROM inside.published_changes WHERE publication = 3),
	'{"A3 left earlier cut-off","A4 left earlier cut-off"}', 'a revision says what the earlier cut-off left out');

SELECT throws_ok($$SELECT * FROM bulletin('inside', '[2024-01-01,)'::daterange)$$, '22023', NULL, 'a period without an end');
SELECT throws_ok($$SELECT * FROM bulletin('inside', 'empty'::daterange)$$, '22023', NULL, 'an empty period');
SELECT throws_ok($$SELECT refresh(NULL)$$, '22004', NULL, 'no monitor');
SELECT throws_ok($$SELECT create_monitor('wrong', 'source.inside', report_rules => '{"codes": {"foo": {"1": true}}}')$$, '22023', NULL, 'rules for a list that there is not');
ALTER TABLE source.inside ALTER settled_on TYPE text;
SELECT throws_ok($$SELECT create_monitor('wrong', 'source.inside')$$, '22023', NULL, 'settled_on is of the contract');

-- only plain types
SELECT is_empty($$SELECT attrelid::regclass, attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
	WHERE relnamespace = 'fl'::regnamespace AND relkind IN ('r', 'v', 'm', 'p') AND attnum > 0
		AND (relkind = 'm' OR NOT atttypid = ANY ('{text,integer,bigint,numeric,boolean,date,timestamptz}'::regtype[]))$$, 'every column is of a plain type');

SELECT * FROM finish();
ROLLBACK;
