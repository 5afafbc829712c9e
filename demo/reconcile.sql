-- The bulletin against what was planted.  Three voices for each household:
--   truth     written down by the generator as it planted
--   extension warehouse.first_loans, the analyst's view with first_loan
--   plain     the same by ordinary SQL over the files, without the extension
-- and the published table against the truth, institution by institution.
-- Ends with an error that names the households where one voice differs.

\set ON_ERROR_STOP on
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET jit = off;

CREATE TEMP TABLE said (
	voice text, household text, first_borrowed_on date, institution_code text, ref text, instrument text,
	security_class text, eligible boolean, verdict text, amount numeric, is_tie boolean);

-- By the extension.
INSERT INTO said
SELECT 'extension', borrower, granted_on, institution_code, ref, instrument, class, eligible, verdict, amount, is_tie
FROM warehouse.first_loans
JOIN (SELECT borrower, granted_on, count(DISTINCT institution_code) > 1 AS is_tie
	  FROM warehouse.borrowings GROUP BY borrower, granted_on) b USING (borrower, granted_on);

-- By ordinary SQL.
CREATE TEMP TABLE flow AS
SELECT regexp_replace(upper(borrower_id), '\s', '', 'g') AS id, granted_on AS sent_on, institution_code AS bank,
	loan_number AS number, 'loan' AS instrument, amount_cny AS amount, security_code AS code
FROM warehouse.corporate_loan_flow
WHERE flow_flag <> '0' AND loan_status = 'LF01' AND restructuring IS NULL
UNION ALL
SELECT borrower_id, granted_on, institution_code, loan_number, 'loan', amount_cny, security_code
FROM warehouse.person_loan_flow
WHERE flow_flag <> '0' AND loan_status = 'LF01' AND restructuring IS NULL AND product <> 'F021'
UNION ALL
SELECT regexp_replace(upper(borrower_id), '\s', '', 'g'), discounted_on, institution_code, bill_number, 'discount', amount_cny, NULL
FROM warehouse.discounts
WHERE right(financing_kind, 2) = '01';

INSERT INTO flow
SELECT j.borrower_id, sent_on, bank, number, instrument, amount, code
FROM flow JOIN warehouse.joint_borrowers j ON (j.institution_code, j.loan_number) = (bank, number);

CREATE TEMP TABLE household_of AS
SELECT borrower_id AS id, household FROM warehouse.identity_crosswalk
UNION ALL
SELECT substring(uscc FROM 9 FOR 9), uscc FROM warehouse.enterprises;

CREATE TEMP TABLE dated AS
SELECT coalesce(household, id) AS household, sent_on::date AS day, bank, number, instrument, amount, code
FROM flow LEFT JOIN household_of USING (id)
WHERE sent_on ~ '^20\d\d-' AND id <> '000000000000000000';

-- The numbered thresholds are medium and small of the trades that the warehouse has; 万元.
CREATE TEMP TABLE small_trade AS
SELECT * FROM (VALUES ('06', '46', 300, 2000), ('51', '51', 20, 5000), ('52', '52', 50, 500), ('62', '62', 100, 2000))
	t(low, high, medium_persons, medium_revenue);

CREATE INDEX ON dated (household, day);
ANALYZE dated, flow, household_of;

CREATE TEMP TABLE eligible AS
SELECT uscc AS household,
	CASE WHEN substr(uscc, 1, 2) = '92' OR ownership_code LIKE 'B01%' OR scale_code IN ('CS03', 'CS04') THEN true
		WHEN coalesce(scale_code, 'CS05') = 'CS05' AND (persons < medium_persons OR revenue < medium_revenue) THEN true
		WHEN ownership_code IS NULL OR coalesce(scale_code, 'CS05') = 'CS05' AND (persons IS NULL OR revenue IS NULL) THEN NULL
		ELSE false END AS eligible
FROM warehouse.enterprises LEFT JOIN small_trade ON substr(industry, 1, 2) BETWEEN low AND high
UNION ALL
SELECT masked_id, true FROM warehouse.persons WHERE role <> '个体工商户';

CREATE TEMP TABLE first AS
SELECT DISTINCT ON (household) *
FROM dated
ORDER BY household, day, bank COLLATE "C", number COLLATE "C";

CREATE TEMP TABLE account AS
SELECT report_number, opened_on,
	CASE subject WHEN 'person' THEN business_code IN ('41', '52')
		ELSE (business_code IN ('11', '12', '13', '14', '16', '21', '41', '51') OR account_class IN ('D2', 'C1'))
			AND NOT (account_class = 'R1' AND NOT drawn) END AS counts
FROM warehouse.credit_report_accounts JOIN warehouse.credit_reports USING (report_number);

CREATE INDEX ON account (report_number);
ANALYZE first, account, eligible;

INSERT INTO said
WITH told AS (
	SELECT f.household, CASE
		WHEN r.disputed THEN NULL
		WHEN EXISTS (SELECT FROM account a WHERE a.report_number = r.report_number AND counts AND opened_on < day) THEN false
		WHEN undated_discounts > 0 AND report_date < day THEN false
		WHEN undated_discounts > 0 OR report_date < day THEN NULL
		WHEN EXISTS (SELECT FROM account a WHERE a.report_number = r.report_number) THEN true
		WHEN summary_borrowings > 0 THEN NULL
		WHEN coalesce(first_credit_year, institutions_ever) > 0 AND guarantee_transactions IS NOT true THEN NULL
		ELSE true END AS never
	FROM first f
	JOIN (SELECT r.*, coalesce(household, borrower_id) AS household
		  FROM warehouse.credit_reports r LEFT JOIN household_of ON id = borrower_id) r USING (household)
), told_once AS (
	SELECT household, CASE WHEN count(*) FILTER (WHERE NOT never) > 0 THEN 'refuted'
						WHEN count(*) FILTER (WHERE never) > 0 THEN 'confirmed' END AS verdict
	FROM told GROUP BY household
), guaranteed AS (
	SELECT DISTINCT institution_code, loan_number
	FROM warehouse.guarantee_contracts g JOIN first ON (bank, number) = (institution_code, loan_number)
	WHERE signed_on <= day AND (ended_on IS NULL OR ended_on >= day)
)
SELECT 'plain', household, day, bank, bank || '/' || number, instrument,
	CASE WHEN instrument = 'discount' THEN 'discount'
		WHEN g.loan_number IS NOT NULL OR code ~ '^[ABCE]' THEN 'secured'
		WHEN code = 'D' THEN 'pure_credit'
		ELSE 'unclassified' END,
	eligible, coalesce(verdict, 'unverified'), amount,
	EXISTS (SELECT FROM dated o WHERE o.household = first.household AND o.day = first.day AND o.bank <> first.bank)
FROM first
LEFT JOIN eligible USING (household)
LEFT JOIN told_once USING (household)
LEFT JOIN guaranteed g ON (bank, number) = (g.institution_code, g.loan_number);

-- What differs.
CREATE TEMP TABLE difference AS
SELECT voice, household, (SELECT trap FROM warehouse.truth x WHERE x.household = coalesce(t.household, s.household)),
	CASE WHEN s IS NULL THEN 'not found' WHEN t IS NULL THEN 'has no borrowing in truth' ELSE concat_ws('; ',
		CASE WHEN s.first_borrowed_on IS DISTINCT FROM t.first_borrowed_on THEN format('date %s, truth %s', s.first_borrowed_on, t.first_borrowed_on) END,
		CASE WHEN s.ref IS DISTINCT FROM t.ref OR s.institution_code IS DISTINCT FROM t.institution_code THEN format('loan %s, truth %s', s.ref, t.ref) END,
		CASE WHEN s.security_class IS DISTINCT FROM t.security_class OR s.instrument IS DISTINCT FROM t.instrument
			THEN format('class %s, truth %s', s.security_class, t.security_class) END,
		CASE WHEN s.eligible IS DISTINCT FROM t.eligible THEN format('eligible %s, truth %s', coalesce(s.eligible::text, 'unknown'), coalesce(t.eligible::text, 'unknown')) END,
		CASE WHEN s.verdict IS DISTINCT FROM t.verdict THEN format('verdict %s, truth %s', s.verdict, t.verdict) END,
		CASE WHEN s.amount IS DISTINCT FROM t.amount THEN format('amount %s, truth %s', s.amount, t.amount) END,
		CASE WHEN s.is_tie IS DISTINCT FROM t.is_tie THEN format('tie %s, truth %s', s.is_tie, t.is_tie) END) END AS what
FROM (VALUES ('extension'), ('plain')) v(voice)
CROSS JOIN (SELECT * FROM warehouse.truth WHERE first_borrowed_on IS NOT NULL) t
FULL JOIN said s USING (voice, household)
WHERE (s.first_borrowed_on, s.institution_code, s.ref, s.instrument, s.security_class, s.eligible, s.verdict, s.amount, s.is_tie)
	IS DISTINCT FROM (t.first_borrowed_on, t.institution_code, t.ref, t.instrument, t.security_class, t.eligible, t.verdict, t.amount, t.is_tie);

-- The published table against the truth of the quarter.
CREATE TEMP TABLE expected AS
WITH counted AS (
	SELECT *, eligible AND CASE verdict WHEN 'confirmed' THEN true WHEN 'refuted' THEN false END AS counted
	FROM warehouse.truth WHERE first_borrowed_on BETWEEN '2026-07-01' AND '2026-09-30'
), granted AS (		-- a joint loan is granted once
	SELECT institution_code, sum(amount) AS amount
	FROM (SELECT DISTINCT institution_code, ref, amount FROM counted WHERE counted) d GROUP BY institution_code
), per_institution AS (
	SELECT i.institution_code, i.name,
		count(*) FILTER (WHERE counted) AS households,
		count(*) FILTER (WHERE counted AND security_class = 'pure_credit') AS pure_credit,
		count(*) FILTER (WHERE counted AND security_class = 'secured') AS secured,
		count(*) FILTER (WHERE counted AND security_class = 'discount') AS discount,
		count(*) FILTER (WHERE counted AND security_class = 'unclassified') AS unclassified,
		count(*) FILTER (WHERE household IS NOT NULL AND counted IS NULL) AS unverified,
		coalesce(max(granted.amount), 0) AS amount
	FROM warehouse.institutions i
	LEFT JOIN counted USING (institution_code) LEFT JOIN granted USING (institution_code)
	GROUP BY i.institution_code, i.name
)
SELECT institution_code, name, households, pure_credit, secured, discount, unclassified, unverified, amount FROM per_institution
UNION ALL
SELECT NULL, '合计', sum(households), sum(pure_credit), sum(secured), sum(discount), sum(unclassified), sum(unverified), sum(amount)
FROM per_institution;

CREATE TEMP TABLE table_difference AS
SELECT coalesce(e.name, b."机构") AS name, b::text AS published, e::text AS expected
FROM expected e FULL JOIN warehouse.bulletin b ON b."机构" = e.name
WHERE (b."首贷户(户)", b."纯信用", b."抵质押保证", b."贴现", b."未分类", b."待核实(户)", b."金额(万元)")
	IS DISTINCT FROM (e.households, e.pure_credit, e.secured, e.discount, e.unclassified, e.unverified, round(e.amount / 10000, 2))
	OR b."首贷户(户)" <> b."纯信用" + b."抵质押保证" + b."贴现" + b."未分类";

-- first_loan_count says the same in one call, given for each borrowing whether it would count.
INSERT INTO table_difference
WITH counted AS (
	SELECT first_loan.first_loan_count(borrower, granted_on, institution_code, ref, eligible AND never_borrowed,
									   first_loan.stat_period('2026Q3')) AS counts
	FROM warehouse.borrowings LEFT JOIN warehouse.households USING (borrower)
	LEFT JOIN (
		SELECT borrower, granted_on, bool_and(first_loan.never_borrowed(report, granted_on)) AS never_borrowed
		FROM warehouse.borrowings JOIN warehouse.reports USING (borrower) GROUP BY borrower, granted_on
	) v USING (borrower, granted_on)
)
SELECT coalesce(e.name, c.institution), 'first_loan_count ' || c, e::text
FROM (SELECT u.institution, u.households FROM counted, unnest(counts) u) c
FULL JOIN (SELECT * FROM expected WHERE name <> '合计') e ON c.institution = e.institution_code
WHERE coalesce(c.households, 0) IS DISTINCT FROM e.households;

-- Trap by trap.
SELECT p.trap AS "埋点", p.households AS "户数", p.households - count(t.household) AS "缺",
	count(*) FILTER (WHERE t.first_borrowed_on BETWEEN '2026-07-01' AND '2026-09-30') AS "首笔在本季",
	(SELECT count(*) FROM difference d WHERE d.trap = p.trap AND voice = 'extension') AS "扩展差异",
	(SELECT count(*) FROM difference d WHERE d.trap = p.trap AND voice = 'plain') AS "普通SQL差异"
FROM warehouse.planted p LEFT JOIN warehouse.truth t USING (trap)
GROUP BY p.trap, p.households ORDER BY p.households DESC, p.trap;

DO $$
DECLARE
	households bigint := (SELECT sum(p.households) FROM warehouse.planted p);
	differing bigint := (SELECT count(*) FROM difference);
	tables bigint := (SELECT count(*) FROM table_difference);
BEGIN
	IF households IS NULL OR EXISTS (
		SELECT FROM warehouse.planted p LEFT JOIN warehouse.truth t USING (trap)
		GROUP BY trap, p.households HAVING count(t.household) <> p.households)
	THEN
		RAISE EXCEPTION '对账不符: warehouse.truth does not hold the % households of warehouse.planted', households;
	END IF;
	IF differing > 0 OR tables > 0 THEN
		RAISE EXCEPTION '对账不符: % 处逐户差异, % 处机构差异', differing, tables
			USING DETAIL = (SELECT string_agg(line, E'\n' ORDER BY ord, line)
							FROM ((SELECT 1, format('%s %s (%s): %s', voice, household, trap, what)
								   FROM difference ORDER BY household LIMIT 20)
								  UNION ALL
								  (SELECT 2, format('%s: published %s, truth %s', name, published, expected)
								   FROM table_difference ORDER BY name LIMIT 20)) l(ord, line));
	END IF;
END $$;

\pset format unaligned
\pset tuples_only on
SELECT format('对账一致: %s 户, 0 处差异 (首笔 %s 户, 同日多家 %s 户; 扩展、普通 SQL 与埋点三方逐户一致)',
	count(*), count(first_borrowed_on), count(*) FILTER (WHERE is_tie))
FROM warehouse.truth;
