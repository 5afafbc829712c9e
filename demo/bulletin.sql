-- 首贷户季度通报: from the loan files to the table.  Four views say what the
-- warehouse means, then one statement makes the table.

SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET search_path = warehouse, first_loan, public;

DROP VIEW IF EXISTS aliases CASCADE;
DROP MATERIALIZED VIEW IF EXISTS borrowings, households CASCADE;
DROP TABLE IF EXISTS bulletin, quarter;

-- 归户: one borrower, several identifiers.  Codes are compared in upper case, without blanks.
CREATE VIEW aliases AS
SELECT borrower_id, household FROM identity_crosswalk
UNION ALL
SELECT organisation_code(uscc::uscc), uscc FROM enterprises;

-- 借款: one row a borrower and borrowing, refreshed with each load.  Left out: 收回, LF04 转入, LF05 重组, 借新还旧, 无还本续贷,
-- 个人消费 (F021), 转贴现, and dummy identifiers.  A date that is none becomes NULL.
CREATE MATERIALIZED VIEW borrowings AS
WITH loans AS (
	SELECT borrower_id, institution_code, loan_number AS number, granted_on, 'loan' AS instrument,
		amount_cny, security_code, loaded_on
	FROM corporate_loan_flow
	WHERE flow_flag = '1' AND (loan_status IS NULL OR loan_status NOT IN ('LF04', 'LF05'))
		AND (restructuring IS NULL OR restructuring IN ('', '--'))
	UNION ALL
	SELECT borrower_id, institution_code, loan_number, granted_on, 'loan', amount_cny, security_code, loaded_on
	FROM person_loan_flow
	WHERE flow_flag = '1' AND (loan_status IS NULL OR loan_status NOT IN ('LF04', 'LF05'))
		AND (restructuring IS NULL OR restructuring IN ('', '--'))
		AND product IN ('F022', 'F023')
), sent AS (
	SELECT * FROM loans
	UNION ALL		-- 共同借款: the loan belongs to each of its borrowers
	SELECT j.borrower_id, institution_code, number, granted_on, instrument, amount_cny, security_code, loaded_on
	FROM loans JOIN joint_borrowers j USING (institution_code)
	WHERE j.loan_number = number
	UNION ALL
	SELECT borrower_id, institution_code, bill_number, discounted_on, 'discount', amount_cny, NULL, loaded_on
	FROM discounts
	WHERE flow_flag = '1' AND financing_kind IN ('01', 'A01')
)
SELECT coalesce(a.household, upper(btrim(s.borrower_id))) AS borrower, day AS granted_on, institution_code,
	-- the order of ties: date, institution code, loan number
	(institution_code || '/' || number) COLLATE "C" AS ref,
	instrument, amount_cny AS amount,
	-- what the code says, and every guarantee contract that was live on that day
	loan_security(security_code, 'pboc_basic') | coalesce((
		SELECT combine(loan_security(g.security_code, 'pboc_basic'))
		FROM guarantee_contracts g
		WHERE g.institution_code = s.institution_code AND g.loan_number = number
			AND day BETWEEN g.signed_on AND coalesce(g.ended_on, 'infinity')), 'none') AS security,
	loaded_on
FROM sent s
LEFT JOIN aliases a ON a.borrower_id = upper(btrim(s.borrower_id)),
	LATERAL (SELECT CASE WHEN granted_on NOT IN ('', '--', '0001-01-01', '1900-01-01', '1970-01-01', '9999-12-31')
						THEN granted_on::date END) d(day)
WHERE s.borrower_id !~ '^[0 -]*$';

-- 主体: private, small, micro, or a person in business; NULL where that is not known.
CREATE MATERIALIZED VIEW households AS
SELECT uscc AS borrower, is_eligible(
	borrower_kind(uscc::uscc),
	coalesce(enterprise_scale(scale_code), enterprise_scale(industry, persons, revenue, assets)),
	ownership(ownership_code, 'pboc_basic')) AS eligible
FROM enterprises
UNION ALL
SELECT masked_id, is_eligible('micro_owner', NULL, NULL)
FROM persons WHERE role = '小微企业主';

-- 征信: all reports of a household as one.  What one leaves open, another may settle.
CREATE MATERIALIZED VIEW reports AS
SELECT coalesce(a.household, r.borrower_id) AS borrower, merge(document::credit_report) AS report
FROM credit_reports r LEFT JOIN aliases a USING (borrower_id)
GROUP BY 1;

CREATE INDEX ON borrowings (borrower);
CREATE UNIQUE INDEX ON households (borrower);
CREATE UNIQUE INDEX ON reports (borrower);
ANALYZE borrowings, households, reports;

-- 通报表: the one statement.  The first borrowing of every borrower is sought over all files, banks and years, and only
-- then tested for the quarter, for the kind of borrower and against the credit reports.
-- A report that knows an older borrowing refutes; else one that excludes it confirms; else it is not known.
--   首贷户 = 纯信用 + 抵质押保证 + 贴现 + 未分类.  待核实 (not yet known) is not in it.
--   金额: of the first borrowings of 首贷户; a joint loan is counted once.
CREATE TABLE bulletin AS
WITH first AS (
	SELECT m.borrower, m.granted_on, m.ref
	FROM (SELECT first_loan_set(borrower, granted_on, ref) FROM borrowings) s(firsts),
		members(firsts) m
	WHERE m.granted_on <@ stat_period('2026Q3')
), judged AS (
	SELECT institution_code, ref, borrower, amount, loan_class(instrument, security) AS class,
		eligible AND never_borrowed(report, granted_on) AS counted
	FROM first JOIN borrowings USING (borrower, granted_on, ref)
	LEFT JOIN households USING (borrower) LEFT JOIN reports USING (borrower)
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
	FROM once FULL JOIN institutions USING (institution_code)
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
TABLE bulletin;

-- 逐户: the same question for each household over all years, for whatever else is asked.
CREATE VIEW first_loans AS
WITH first AS (
	SELECT m.borrower, m.granted_on, m.ref
	FROM (SELECT first_loan_set(borrower, granted_on, ref) FROM borrowings) s(firsts),
		members(firsts) m
)
SELECT borrower, granted_on, institution_code, ref, instrument, loan_class(instrument, security)::text AS class,
	eligible, verdict, borrowed_on, reason, eligible AND never_borrowed(report, granted_on) AS counted, amount
FROM first JOIN borrowings USING (borrower, granted_on, ref)
LEFT JOIN households USING (borrower) LEFT JOIN reports USING (borrower),
	first_loan_verdict(granted_on, report);

CREATE TEMP TABLE quarter AS
SELECT * FROM first_loans WHERE granted_on <@ stat_period('2026Q3');

-- 口径勾稽: 首笔借款落在本季的主体 = 首贷户 + 待核实 + 征信否定 + 主体不符
SELECT count(*) AS "首笔落在本季",
	count(*) FILTER (WHERE counted) AS "首贷户",
	count(*) FILTER (WHERE counted IS NULL) AS "待核实",
	count(*) FILTER (WHERE eligible IS NOT false AND verdict = 'refuted') AS "征信否定",
	count(*) FILTER (WHERE NOT eligible) AS "主体不符"
FROM quarter;

-- 同日多家: 首笔当日有两家及以上机构放款, 按(日期, 机构代码, 借据号)归首家
SELECT count(*) AS "同日多家(户)", count(*) FILTER (WHERE counted) AS "其中首贷户"
FROM (
	SELECT counted
	FROM quarter q JOIN borrowings b USING (borrower, granted_on)
	GROUP BY borrower, counted HAVING count(DISTINCT b.institution_code) > 1
) t;

-- 三年目标 4 万户完成进度
SELECT coalesce(extract(year FROM granted_on)::text, '合计') AS "年度",
	count(*) FILTER (WHERE counted) AS "首贷户(户)",
	count(*) FILTER (WHERE counted IS NULL) AS "待核实(户)",
	round(100.0 * count(*) FILTER (WHERE counted) / 40000, 2) AS "占目标(%)"
FROM first_loans
WHERE granted_on >= '2024-01-01' AND granted_on < '2027-01-01'
GROUP BY ROLLUP (extract(year FROM granted_on)) ORDER BY 1;

-- 上季修订: 2026年第2季度首笔借款, 按当时(7月15日)已入库数据与按现有数据
WITH then_known AS (
	SELECT unnest(first_loan_refs(borrower, granted_on, ref, stat_period('2026Q2'))) AS ref
	FROM borrowings WHERE loaded_on <= '2026-07-15'
), now_known AS (
	SELECT unnest(first_loan_refs(borrower, granted_on, ref, stat_period('2026Q2'))) AS ref
	FROM borrowings
)
SELECT (SELECT count(*) FROM then_known) AS "当时", (SELECT count(*) FROM now_known) AS "现在",
	(SELECT count(*) FROM (TABLE then_known EXCEPT TABLE now_known) x) AS "因迟报转出",
	(SELECT count(*) FROM (TABLE now_known EXCEPT TABLE then_known) x) AS "补入";

-- 举例: 征信为何否定, 为何待核实
SELECT DISTINCT ON (verdict, rule) CASE verdict WHEN 'refuted' THEN '否定' ELSE '待核实' END AS "结论",
	coalesce(rule, reason) AS "依据", borrower AS "借款主体", granted_on AS "首笔放款日", borrowed_on AS "此前借款日"
FROM quarter LEFT JOIN reports USING (borrower)
LEFT JOIN LATERAL (
	SELECT rule FROM credit_report_evidence(report, granted_on)
	WHERE counts IS NOT DISTINCT FROM CASE verdict WHEN 'refuted' THEN true END
	ORDER BY dated LIMIT 1) e ON true
WHERE verdict <> 'confirmed'
ORDER BY verdict, rule, borrower;

-- 代码质量: 校验位不符只提示, 不剔除; 录错的代码由归户对照更正
SELECT coalesce(regexp_replace(uscc_problem(borrower_id), '"[^"]*"', '…', 'g'), '正常') AS "单位贷款文件中的证件代码",
	count(*) AS "笔数", count(DISTINCT borrower_id) AS "代码数", min(borrower_id) AS "例"
FROM corporate_loan_flow
GROUP BY 1 ORDER BY 2 DESC;

-- 日期不明: 没有任何一笔借款有真实日期的主体, 不进入首笔
SELECT count(DISTINCT borrower) AS "日期不明(户)" FROM borrowings
WHERE granted_on IS NULL AND borrower NOT IN (SELECT borrower FROM first_loans);
