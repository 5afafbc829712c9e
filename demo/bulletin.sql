-- 首贷户季度通报: from the loan files to the table, with first_loan.
-- Four views say what the warehouse means; then one statement makes the table.

SET client_encoding = 'UTF8';
SET client_min_messages = warning;

-- 归户: one borrower, several identifiers.  Codes are compared in upper case, without blanks.
CREATE VIEW warehouse.aliases AS
SELECT borrower_id, household FROM warehouse.identity_crosswalk
UNION ALL
SELECT first_loan.organisation_code(uscc::first_loan.uscc), uscc FROM warehouse.enterprises;

-- 借款: one row a borrower and borrowing.  Left out: 收回, LF04 转入, LF05 重组, 借新还旧, 无还本续贷,
-- 个人消费 (F021), 转贴现, and dummy identifiers.  A date that is none becomes NULL.
CREATE VIEW warehouse.borrowings AS
WITH loans AS (
	SELECT borrower_id, institution_code, loan_number AS number, granted_on, 'loan' AS instrument,
		amount_cny, security_code, loaded_on
	FROM warehouse.corporate_loan_flow
	WHERE flow_flag = '1' AND coalesce(loan_status, '') NOT IN ('LF04', 'LF05') AND coalesce(restructuring, '') IN ('', '--')
	UNION ALL
	SELECT borrower_id, institution_code, loan_number, granted_on, 'loan', amount_cny, security_code, loaded_on
	FROM warehouse.person_loan_flow
	WHERE flow_flag = '1' AND coalesce(loan_status, '') NOT IN ('LF04', 'LF05') AND coalesce(restructuring, '') IN ('', '--')
		AND product IN ('F022', 'F023')
), sent AS (
	SELECT * FROM loans
	UNION ALL		-- 共同借款: the loan belongs to each of its borrowers
	SELECT j.borrower_id, institution_code, number, granted_on, instrument, amount_cny, security_code, loaded_on
	FROM loans JOIN warehouse.joint_borrowers j USING (institution_code)
	WHERE j.loan_number = number
	UNION ALL
	SELECT borrower_id, institution_code, bill_number, discounted_on, 'discount', amount_cny, NULL, loaded_on
	FROM warehouse.discounts
	WHERE flow_flag = '1' AND financing_kind IN ('01', 'A01')
)
SELECT coalesce(a.household, upper(btrim(s.borrower_id))) AS borrower, day AS granted_on, institution_code,
	-- the order of ties: date, institution code, loan number
	(institution_code || '/' || number) COLLATE "C" AS ref,
	instrument, amount_cny AS amount,
	-- what the code says, and every guarantee contract that was live on that day
	first_loan.loan_security(security_code, 'pboc_basic') | coalesce((
		SELECT first_loan.combine(first_loan.loan_security(g.security_code, 'pboc_basic'))
		FROM warehouse.guarantee_contracts g
		WHERE g.institution_code = s.institution_code AND g.loan_number = number
			AND day BETWEEN g.signed_on AND coalesce(g.ended_on, 'infinity')), 'none') AS security,
	loaded_on
FROM sent s
LEFT JOIN warehouse.aliases a ON a.borrower_id = upper(btrim(s.borrower_id)),
	LATERAL (SELECT CASE WHEN granted_on NOT IN ('', '--', '0001-01-01', '1900-01-01', '1970-01-01', '9999-12-31')
						THEN granted_on::date END) d(day)
WHERE s.borrower_id !~ '^[0 -]*$';

-- 主体: private, small, micro, or a person in business; NULL where that is not known.
CREATE VIEW warehouse.households AS
SELECT uscc AS borrower, first_loan.is_eligible(
	first_loan.borrower_kind(uscc::first_loan.uscc),
	coalesce(first_loan.enterprise_scale(scale_code), first_loan.enterprise_scale(industry, persons, revenue, assets)),
	first_loan.ownership(ownership_code, 'pboc_basic')) AS eligible
FROM warehouse.enterprises
UNION ALL
SELECT masked_id, first_loan.is_eligible('micro_owner', NULL, NULL)
FROM warehouse.persons WHERE role = '小微企业主';

-- 征信: a household may have several reports.
CREATE VIEW warehouse.reports AS
SELECT coalesce(a.household, r.borrower_id) AS borrower, report_number, document::first_loan.credit_report AS report
FROM warehouse.credit_reports r LEFT JOIN warehouse.aliases a USING (borrower_id);

-- 通报表.  The first borrowing of every borrower is sought over all files, banks and years, and only
-- then tested for the quarter, for the kind of borrower and against the credit reports.
--   首贷户 = 纯信用 + 抵质押保证 + 贴现 + 未分类.  待核实 (not yet known) is not in it.
--   金额: of the first borrowings of 首贷户; a joint loan is counted once.
CREATE TABLE warehouse.bulletin AS
WITH first AS (
	SELECT m.borrower, m.granted_on, m.ref
	FROM (SELECT first_loan.first_loan_set(borrower, granted_on, ref) FROM warehouse.borrowings) s(firsts),
		first_loan.members(firsts) m
	WHERE m.granted_on <@ first_loan.stat_period('2026Q3')
), verdict AS (		-- one report that knows an older borrowing refutes, one that excludes it confirms
	SELECT borrower, bool_and(first_loan.never_borrowed(report, granted_on)) AS never_borrowed
	FROM first JOIN warehouse.reports USING (borrower) GROUP BY borrower
), judged AS (
	SELECT institution_code, ref, borrower, amount, first_loan.loan_class(instrument, security) AS class,
		eligible AND never_borrowed AS counted
	FROM first JOIN warehouse.borrowings USING (borrower, granted_on, ref)
	LEFT JOIN warehouse.households USING (borrower)
	LEFT JOIN verdict USING (borrower)
), once AS (
	SELECT *, row_number() OVER (PARTITION BY ref, counted ORDER BY borrower) = 1 AS is_once FROM judged
), counts AS (
	SELECT CASE WHEN grouping(institution_code) = 0 THEN coalesce(name, institution_code) END AS name, listing,
		count(*) FILTER (WHERE counted) AS households,
		count(*) FILTER (WHERE counted AND class = 'pure_credit') AS pure_credit,
		count(*) FILTER (WHERE counted AND class = 'secured') AS secured,
		count(*) FILTER (WHERE counted AND class = 'discount') AS discount,
		count(*) FILTER (WHERE counted AND class = 'unclassified') AS unclassified,
		count(*) FILTER (WHERE borrower IS NOT NULL AND counted IS NULL) AS unverified,
		coalesce(sum(amount) FILTER (WHERE counted AND is_once), 0) AS amount
	FROM once FULL JOIN warehouse.institutions USING (institution_code)
	GROUP BY GROUPING SETS ((institution_code, name, listing), ())
)
SELECT coalesce(name, '合计') AS "机构", households AS "首贷户(户)", pure_credit AS "纯信用", secured AS "抵质押保证",
	discount AS "贴现", unclassified AS "未分类", unverified AS "待核实(户)", round(amount / 10000, 2) AS "金额(万元)",
	round(100.0 * households / nullif(max(households) OVER (), 0), 2) AS "占比(%)"
FROM counts
ORDER BY name IS NULL, households DESC, listing;

\echo
\echo 泉州市民营和小微企业首贷户通报, 2026年第3季度 (样例数据)
\pset footer off
TABLE warehouse.bulletin;

-- 逐户: the same question for each household over all years, for whatever else is asked.
CREATE VIEW warehouse.first_loans AS
WITH first AS (
	SELECT m.borrower, m.granted_on, m.ref
	FROM (SELECT first_loan.first_loan_set(borrower, granted_on, ref) FROM warehouse.borrowings) s(firsts),
		first_loan.members(firsts) m
), verdict AS (
	SELECT borrower, bool_and(first_loan.never_borrowed(report, granted_on)) AS never_borrowed
	FROM first JOIN warehouse.reports USING (borrower) GROUP BY borrower
)
SELECT borrower, granted_on, institution_code, ref, instrument, first_loan.loan_class(instrument, security)::text AS class,
	eligible, CASE never_borrowed WHEN true THEN 'confirmed' WHEN false THEN 'refuted' ELSE 'unverified' END AS verdict,
	eligible AND never_borrowed AS counted, amount
FROM first JOIN warehouse.borrowings USING (borrower, granted_on, ref)
LEFT JOIN warehouse.households USING (borrower)
LEFT JOIN verdict USING (borrower);

CREATE TEMP TABLE first_loans AS TABLE warehouse.first_loans;
CREATE TEMP TABLE quarter AS
SELECT * FROM first_loans WHERE granted_on <@ first_loan.stat_period('2026Q3');

\echo 口径勾稽: 首笔借款落在本季的主体 = 首贷户 + 待核实 + 征信否定 + 主体不符
SELECT count(*) AS "首笔落在本季",
	count(*) FILTER (WHERE counted) AS "首贷户",
	count(*) FILTER (WHERE counted IS NULL) AS "待核实",
	count(*) FILTER (WHERE eligible IS NOT false AND verdict = 'refuted') AS "征信否定",
	count(*) FILTER (WHERE NOT eligible) AS "主体不符"
FROM quarter;

\echo 同日多家: 首笔当日有两家及以上机构放款, 按(日期, 机构代码, 借据号)归首家
SELECT count(*) AS "同日多家(户)", count(*) FILTER (WHERE counted) AS "其中首贷户"
FROM (
	SELECT counted
	FROM quarter q JOIN warehouse.borrowings b USING (borrower, granted_on)
	GROUP BY borrower, counted HAVING count(DISTINCT b.institution_code) > 1
) t;

\echo 三年目标 4 万户完成进度
SELECT coalesce(extract(year FROM granted_on)::text, '合计') AS "年度",
	count(*) FILTER (WHERE counted) AS "首贷户(户)",
	count(*) FILTER (WHERE counted IS NULL) AS "待核实(户)",
	round(100.0 * count(*) FILTER (WHERE counted) / 40000, 2) AS "占目标(%)"
FROM first_loans
WHERE granted_on >= '2024-01-01' AND granted_on < '2027-01-01'
GROUP BY ROLLUP (extract(year FROM granted_on)) ORDER BY 1;

\echo 上季修订: 2026年第2季度首笔借款, 按当时(7月15日)已入库数据与按现有数据
WITH then_known AS (
	SELECT unnest(first_loan.first_loan_refs(borrower, granted_on, ref, first_loan.stat_period('2026Q2'))) AS ref
	FROM warehouse.borrowings WHERE loaded_on <= '2026-07-15'
), now_known AS (
	SELECT unnest(first_loan.first_loan_refs(borrower, granted_on, ref, first_loan.stat_period('2026Q2'))) AS ref
	FROM warehouse.borrowings
)
SELECT (SELECT count(*) FROM then_known) AS "当时", (SELECT count(*) FROM now_known) AS "现在",
	(SELECT count(*) FROM (TABLE then_known EXCEPT TABLE now_known) x) AS "因迟报转出",
	(SELECT count(*) FROM (TABLE now_known EXCEPT TABLE then_known) x) AS "补入";

\echo 举例: 征信为何否定, 为何待核实
SELECT DISTINCT ON (verdict, why) CASE verdict WHEN 'refuted' THEN '否定' ELSE '待核实' END AS "结论", why AS "依据",
	borrower AS "借款主体", granted_on AS "首笔放款日", report_date AS "报告日期", before AS "此前账户(种类 开立日)"
FROM (
	SELECT q.*, r.report_date, a.before,
		CASE WHEN r.report_number IS NULL THEN '无征信报告'
			WHEN r.disputed THEN '报告有异议'
			WHEN a.before IS NOT NULL THEN '报告载有更早的借贷账户'
			WHEN r.undated_discounts > 0 AND r.report_date < granted_on THEN '报告早于放款日, 已有贴现'
			WHEN r.report_date < granted_on THEN '报告早于放款日'
			WHEN r.undated_discounts > 0 THEN '贴现无日期, 先后不明'
			WHEN r.summary_borrowings > 0 THEN '只有汇总, 无账户明细'
			ELSE '首次信贷年份无从解释' END AS why
	FROM quarter q
	LEFT JOIN warehouse.reports USING (borrower)
	LEFT JOIN warehouse.credit_reports r USING (report_number)
	LEFT JOIN LATERAL (
		SELECT string_agg(business_code || ' ' || opened_on, ', ' ORDER BY opened_on) AS before
		FROM warehouse.credit_report_accounts a
		WHERE a.report_number = r.report_number AND opened_on < granted_on) a ON true
	WHERE verdict <> 'confirmed'
) w
ORDER BY verdict, why, borrower;

\echo 代码质量: 主体的统一社会信用代码 (校验位不符只提示, 不剔除)
SELECT CASE WHEN problem IS NULL THEN '正常' ELSE '校验位不符' END AS "代码", count(*) AS "户数", min(problem) AS "例"
FROM (SELECT first_loan.uscc_problem(uscc) AS problem FROM warehouse.enterprises) p
GROUP BY 1 ORDER BY 2 DESC;
