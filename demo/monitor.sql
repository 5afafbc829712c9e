-- 首贷户监测: the same warehouse, watched.  Five views say what a source means, a monitor keeps the register of first
-- borrowings true while the files change, and bulletins are published from it.

SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET search_path = first_loan, public;
\pset footer off
\pset null -

SELECT drop_monitor('plan') WHERE to_regclass('plan.register') IS NOT NULL \g /dev/null
DROP SCHEMA IF EXISTS sources CASCADE;
CREATE SCHEMA sources;

-- 一、数据源: 视图按约定列名给出, 表名不限 (SELECT * FROM monitor_contract() 列出全部列)
CREATE VIEW sources.identifiers AS		-- 归户: an identifier of the files, and whose it is
SELECT borrower_id AS identifier, household AS borrower FROM warehouse.identity_crosswalk
UNION ALL
SELECT organisation_code(uscc::uscc), uscc FROM warehouse.enterprises;

CREATE VIEW sources.loans AS			-- 单位与个人贷款, 只取新发放的经营性贷款
SELECT institution_code, loan_number AS number, borrower_id, granted_on, amount_cny AS amount, rate, product, security_code
FROM warehouse.corporate_loan_flow
WHERE flow_flag = '1' AND (loan_status IS NULL OR loan_status NOT IN ('LF04', 'LF05'))
	AND (restructuring IS NULL OR restructuring IN ('', '--'))
UNION ALL
SELECT institution_code, loan_number, borrower_id, granted_on, amount_cny, rate, product, security_code
FROM warehouse.person_loan_flow
WHERE flow_flag = '1' AND (loan_status IS NULL OR loan_status NOT IN ('LF04', 'LF05'))
	AND (restructuring IS NULL OR restructuring IN ('', '--')) AND product IN ('F022', 'F023');

CREATE VIEW sources.borrowings AS		-- 借款: a row for each borrower of a loan or bill
WITH sent AS (
	SELECT l.*, 'loan' AS instrument FROM sources.loans l
	UNION ALL
	SELECT institution_code, number, j.borrower_id, granted_on, amount, rate, product, security_code, 'loan'
	FROM sources.loans JOIN warehouse.joint_borrowers j USING (institution_code) WHERE j.loan_number = number
	UNION ALL
	SELECT institution_code, bill_number, borrower_id, discounted_on, amount_cny, rate, NULL, NULL, 'discount'
	FROM warehouse.discounts WHERE flow_flag = '1' AND financing_kind IN ('01', 'A01')
)
SELECT coalesce(i.borrower, upper(btrim(s.borrower_id))) AS borrower, institution_code AS institution, day AS granted_on,
	(institution_code || '/' || number) COLLATE "C" AS ref, instrument, amount, rate, product,
	loan_security(security_code, 'pboc_basic') | coalesce((
		SELECT combine(loan_security(g.security_code, 'pboc_basic')) FROM warehouse.guarantee_contracts g
		WHERE g.institution_code = s.institution_code AND g.loan_number = number
			AND day BETWEEN g.signed_on AND coalesce(g.ended_on, 'infinity')), 'none') AS security,
	-- 单户授信: the files have none; of a first borrowing it is at least its amount, which stands for it here
	amount AS credit_line
FROM sent s
LEFT JOIN sources.identifiers i ON i.identifier = upper(btrim(s.borrower_id)),
	LATERAL (SELECT CASE WHEN granted_on NOT IN ('', '--', '0001-01-01', '1900-01-01', '1970-01-01', '9999-12-31')
						THEN granted_on::date END) d(day)
WHERE s.borrower_id !~ '^[0 -]*$';

CREATE VIEW sources.households AS		-- 主体
SELECT uscc AS borrower, borrower_kind(uscc::uscc)::text AS kind, ownership(ownership_code, 'pboc_basic')::text AS ownership,
	enterprise_scale(scale_code)::text AS scale, industry, area, persons, revenue, assets
FROM warehouse.enterprises
UNION ALL
SELECT masked_id, 'micro_owner', NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM warehouse.persons WHERE role = '小微企业主';

CREATE VIEW sources.reports AS			-- 征信报告
SELECT coalesce(i.borrower, r.borrower_id) AS borrower, document::credit_report AS report
FROM warehouse.credit_reports r LEFT JOIN sources.identifiers i ON i.identifier = r.borrower_id;

CREATE VIEW sources.institutions AS
SELECT institution_code AS institution, name FROM warehouse.institutions;

CREATE VIEW sources.taxpayers AS
SELECT uscc AS borrower, name, t.area, status = '正常' AS operating,
	borrower_kind(uscc::uscc)::text AS kind, scale, ownership
FROM warehouse.taxpayers t LEFT JOIN sources.households ON borrower = uscc;

-- 二、建监测, 登记变更: track 使每张表的变更留下主体, refresh 只重算这些主体
SELECT create_monitor('plan', 'sources.borrowings', 'sources.households', 'sources.reports', 'sources.institutions',
	'sources.taxpayers', target => 40000, period => stat_period('2024-2026'));

CREATE VIEW sources.borrowers_of_loans AS
SELECT s.number AS identifier, coalesce(i.borrower, upper(btrim(s.borrower_id))) AS borrower
FROM (SELECT number, borrower_id FROM sources.loans UNION ALL SELECT loan_number, borrower_id FROM warehouse.joint_borrowers) s
LEFT JOIN sources.identifiers i ON i.identifier = upper(btrim(s.borrower_id));
CREATE VIEW sources.joint_borrowers AS
SELECT j.loan_number AS identifier, coalesce(i.borrower, upper(btrim(j.borrower_id))) AS borrower
FROM warehouse.joint_borrowers j LEFT JOIN sources.identifiers i ON i.identifier = upper(btrim(j.borrower_id));

SELECT track('plan', relation, column_name, via) FROM (VALUES
	('warehouse.corporate_loan_flow'::regclass, 'borrower_id', 'sources.identifiers'::regclass),
	('warehouse.corporate_loan_flow', 'loan_number', 'sources.joint_borrowers'),
	('warehouse.person_loan_flow', 'borrower_id', 'sources.identifiers'),
	('warehouse.person_loan_flow', 'loan_number', 'sources.joint_borrowers'),
	('warehouse.discounts', 'borrower_id', 'sources.identifiers'),
	('warehouse.joint_borrowers', 'borrower_id', 'sources.identifiers'),
	('warehouse.guarantee_contracts', 'loan_number', 'sources.borrowers_of_loans'),
	('warehouse.credit_reports', 'borrower_id', 'sources.identifiers'),
	('warehouse.identity_crosswalk', 'borrower_id', NULL),
	('warehouse.identity_crosswalk', 'household', NULL),
	('warehouse.enterprises', 'uscc', NULL),
	('warehouse.persons', 'masked_id', NULL)) t(relation, column_name, via) \g /dev/null

SELECT refresh('plan') AS "登记簿新增(户)";

-- 三、登记簿: 每个主体一行, 首笔借款在哪家、何时、是否首贷户。看: 四类之和即首笔借款户数
SELECT coalesce(extract(year FROM granted_on)::text, '合计') AS "年度", count(*) AS "首笔借款(户)",
	count(*) FILTER (WHERE status = 'counted') AS "首贷户", count(*) FILTER (WHERE status = 'unverified') AS "待核实",
	count(*) FILTER (WHERE status = 'refuted') AS "征信否定", count(*) FILTER (WHERE status = 'ineligible') AS "主体不符"
FROM plan.households WHERE granted_on >= '2024-01-01' GROUP BY ROLLUP (extract(year FROM granted_on)) ORDER BY 1;

-- 与上面一条语句算出的通报表核对: 逐机构相同, 差异应为 0。金额: 监测按户计, 共同借款的每一户各计一次; 通报表按笔计
CREATE TEMP TABLE difference AS
WITH watched AS (
	SELECT coalesce(name, '合计') AS name, households, pure_credit, secured, discount, unclassified, unverified,
		round((SELECT coalesce(sum(amount), 0) FROM (SELECT DISTINCT institution, ref, amount FROM plan.households h
			WHERE status = 'counted' AND granted_on <@ stat_period('2026Q3') AND (b.dimension = 'total' OR h.institution = b.value)) once) / 10000, 2) AS amount
	FROM bulletin('plan', '2026Q3', '2026-09-30') b WHERE dimension IN ('total', 'institution')
), published AS (
	SELECT "机构", "首贷户(户)", "纯信用", "抵质押保证", "贴现", "未分类", "待核实(户)", "金额(万元)" FROM warehouse.bulletin
)
(TABLE watched EXCEPT ALL TABLE published) UNION ALL (TABLE published EXCEPT ALL TABLE watched);
SELECT count(*) AS "差异" FROM difference;

-- 四、一夜的变更: 迟报、更正日期、撤销借据、征信报告补来和异议了结
CREATE TEMP TABLE pick AS
SELECT trap, household, institution_code, split_part(ref, '/', 2) AS number, first_borrowed_on,
	row_number() OVER (PARTITION BY trap ORDER BY household) AS n
FROM warehouse.truth
WHERE first_borrowed_on BETWEEN '2026-07-01' AND '2026-09-30' AND instrument = 'loan' AND length(household) = 18;

INSERT INTO warehouse.corporate_loan_flow (institution_code, borrower_id, loan_number, product, granted_on, amount_cny, rate,
	security_code, loan_status, flow_flag, loaded_on)
SELECT institution_code, household, number || 'L', 'F022', '2026-05-20', 300000, 4.35, 'D', 'LF01', '1', '2026-10-15'
FROM pick WHERE trap = 'none' AND n <= 2;
UPDATE warehouse.corporate_loan_flow f SET granted_on = '2026-06-28'
FROM pick p WHERE trap = 'none' AND n IN (3, 4) AND (f.institution_code, f.loan_number) = (p.institution_code, p.number);
DELETE FROM warehouse.corporate_loan_flow f
USING pick p WHERE trap = 'none' AND n IN (5, 6) AND (f.institution_code, f.loan_number) = (p.institution_code, p.number);
INSERT INTO warehouse.credit_reports (report_number, subject, borrower_id, report_date, disputed, document)
SELECT 'NEW' || n, 'enterprise', household, first_borrowed_on, false, format('{"report_date": "%s"}', first_borrowed_on)
FROM pick WHERE trap = 'no_report' AND n <= 2;
UPDATE warehouse.credit_reports r SET disputed = false, document = replace(document, '"disputed": true', '"disputed": false')
FROM pick p WHERE trap = 'disputed' AND n <= 2 AND r.borrower_id = p.household;

-- 看: 只重算被触及的主体; 登记簿改了几行
SELECT (SELECT count(DISTINCT borrower) FROM plan.changes) AS "留下的标识", refresh('plan') AS "登记簿改动(行)";
SELECT kind AS "方式", borrowers AS "重算(户)", inserted AS "新增", updated AS "更改", deleted AS "删除",
	round(1000 * extract(epoch FROM finished_at - started_at)) AS "毫秒"
FROM plan.refreshes ORDER BY id;
SELECT p.household AS "借款主体", p.first_borrowed_on AS "原首笔日", h.granted_on AS "现首笔日",
	h.status AS "现状态", h.verdict_reason AS "征信依据"
FROM pick p LEFT JOIN plan.households h ON h.borrower = p.household
WHERE trap = 'none' AND n <= 6 OR trap IN ('no_report', 'disputed') AND n <= 2 ORDER BY trap, n;

-- 五、季度通报: 2026年第3季度, 前十家机构。看: 同比为上年同一时段、同一截止日
SELECT coalesce(name, '合计') AS "机构", rank AS "名次", households AS "首贷户(户)", pure_credit AS "纯信用", unverified AS "待核实(户)",
	round(amount / 10000, 2) AS "金额(万元)", average_rate AS "加权利率(%)", share AS "占比(%)",
	last_year_households AS "上年同期", cumulative_households AS "2024年起累计"
FROM bulletin('plan', '2026Q3', '2026-09-30')
WHERE dimension = 'institution' AND rank <= 10 OR dimension = 'total'
ORDER BY dimension = 'total', rank, value;

-- 分县、分企业规模、分担保方式。看: 每个维度各行之和等于合计
SELECT dimension AS "维度", coalesce(a.name, b.name, '不明') AS "分组", households AS "首贷户(户)", share AS "占比(%)", unverified AS "待核实(户)"
FROM bulletin('plan', date '2026-07-01', date '2026-09-30', date '2026-09-30', '{area,scale,class}') b
LEFT JOIN warehouse.areas a ON dimension = 'area' AND area = value;

-- 三年 4 万户目标。看: 各年之和即累计, 最后一列为完成进度
SELECT year AS "年度", households AS "首贷户(户)", unverified AS "待核实(户)", cumulative_households AS "累计", target_share AS "占目标(%)"
FROM generate_series(2024, 2026) year, bulletin('plan', year::text, '2026-09-30') WHERE dimension = 'total';

-- 六、评估: 2026年前三季度普惠小微首贷户, 高于辖区平均或高于自身上年同期即通过。看: 通过的依据
SELECT count(*) AS "机构数", max(average) AS "辖区平均(户)", count(*) FILTER (WHERE passed_average) AS "高于平均",
	count(*) FILTER (WHERE passed_last_year) AS "高于上年同期", count(*) FILTER (WHERE passed) AS "通过"
FROM evaluation('plan', 2026, '2026-09-30') WHERE listed;
SELECT name AS "机构", households AS "今年", last_year_households AS "上年同期", average AS "辖区平均",
	passed_average AS "高于平均", passed_last_year AS "高于上年", passed AS "通过"
FROM evaluation('plan', 2026, '2026-09-30') WHERE listed ORDER BY abs(households - average), institution LIMIT 6;

-- 七、首贷比例: 文件未定分母, 四种各算一列
SELECT refresh_denominators('plan', '2026Q3') \g /dev/null
SELECT households AS "首贷户(户)", borrowers_granted AS "本季放款主体", share_of_borrowers_granted AS "占放款主体(%)",
	share_of_amount_granted AS "占放款金额(%)", operating_taxpayers AS "正常纳税主体", share_of_operating_taxpayers AS "占正常纳税主体(%)"
FROM plan.first_loan_shares WHERE dimension = 'total';

-- 八、首贷培育名单: 纳税正常、从未借款; 半年一版。看: 新进、退出和已转化
SELECT refresh_cultivation_list('plan', '2025-12-31'), refresh_cultivation_list('plan', '2026-06-30') \g /dev/null
SELECT version AS "版次", as_of AS "截止", listed AS "在册(户)", unknown AS "未能判断", entered AS "新进", departed AS "退出", converted AS "其后已借款"
FROM plan.cultivation_summary WHERE dimension = 'total' ORDER BY version;
SELECT CASE change WHEN 'entered' THEN '新进' ELSE '退出' END AS "变动", CASE new_status WHEN 'borrowed' THEN '已借款'
		WHEN 'unknown' THEN '征信报告早于截止日' ELSE new_status END AS "原因", count(*) AS "户数", min(borrower) AS "例"
FROM plan.cultivation_changes GROUP BY 1, 2 ORDER BY 1, 3 DESC;

-- 九、发布: 表、口径、名单一并冻结
SELECT publish('plan', '2026Q3', '2026-09-30') AS "发布号";
SELECT publication AS "发布号", revision AS "版", period_from AS "自", until AS "至", households AS "首贷户(户)", left(digest, 16) || '…' AS "摘要" FROM plan.publications;

-- 十、发布之后又有迟报: 两户上半年已在别处借款, 一户撤销的借据重新报入, 一户征信报告显示更早借款
INSERT INTO warehouse.corporate_loan_flow (institution_code, borrower_id, loan_number, product, granted_on, amount_cny, rate,
	security_code, loan_status, flow_flag, loaded_on)
SELECT institution_code, household, number || 'L', 'F022', '2026-04-10', 500000, 4.1, 'A', 'LF01', '1', date '2026-11-02'
FROM pick WHERE trap = 'none' AND n IN (7, 8)
UNION ALL
(SELECT i.institution_code, c.borrower, 'LATE1', 'F022', '2026-09-29', 800000, 3.9, 'D', 'LF01', '1', '2026-11-02'
FROM plan.cultivation_list c, warehouse.institutions i WHERE version = 2 AND converted_on IS NULL ORDER BY c.borrower, listing LIMIT 1);
INSERT INTO warehouse.credit_reports (report_number, subject, borrower_id, report_date, disputed, document)
SELECT 'NEW9', 'enterprise', household, '2026-11-01', false, '{"report_date": "2026-11-01", "accounts": [{"business": "11", "opened_on": "2019-03-01"}]}'
FROM pick WHERE trap = 'none' AND n = 9;
SELECT refresh('plan') AS "登记簿改动(行)", publish('plan', '2026Q3', '2026-09-30') AS "修订发布号";

-- 看: 修订逐户列明, 原发布不变
SELECT borrower AS "借款主体", change AS "变动", reason AS "原因", old_status AS "原状态", new_status AS "新状态",
	old_granted_on AS "原首笔日", new_granted_on AS "新首笔日", coalesce(new_verdict_reason, '') AS "征信依据"
FROM plan.published_changes ORDER BY change, borrower;
SELECT publication AS "发布号", revision AS "版", households AS "首贷户(户)", digest = publication_digest('plan', publication) AS "与摘要相符"
FROM plan.publications ORDER BY 1;

-- 看: 已发布的通报不能改
\set ON_ERROR_STOP off
UPDATE plan.published_bulletin SET households = households + 1;
\set ON_ERROR_STOP on

-- 十一、全部重算一遍, 应当没有一行不同
SELECT refresh('plan', "full" => true) AS "不同(行)";

-- The demonstration fails where the monitor says something else than the statement, or than a full recomputation.
DO $$
BEGIN
	IF (SELECT count(*) > 0 FROM difference) OR (SELECT updated + inserted + deleted > 0 FROM plan.refreshes ORDER BY id DESC LIMIT 1)
		OR (SELECT count(*) = 0 FROM plan.published_changes) THEN
		RAISE EXCEPTION 'the monitor differs';
	END IF;
END $$;
