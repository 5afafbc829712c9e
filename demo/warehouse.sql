-- The sample warehouse: tables in the shape of the central bank's loan files
-- (金融基础数据), credit reports and reference data, 2018-01-01 to 2026-09-30.
--
--   psql -v scale=1 -v seed=1 -f warehouse.sql
--
-- scale 1 is about 50,000 borrowings.  The same scale and seed give the same
-- rows on every server version and plan: nothing here calls random().
--
-- For each household the story is decided first (table "story") and its truth
-- is written down at once; only then are the rows of the files made from it.
-- The extension takes no part.

\set ON_ERROR_STOP on
\if :{?scale}
\else
	\set scale 1
\endif
\if :{?seed}
\else
	\set seed 1
\endif

SET client_encoding = 'UTF8';
SET client_min_messages = warning;

DO $$
BEGIN
	IF current_setting('server_encoding') <> 'UTF8' THEN
		RAISE EXCEPTION 'the sample warehouse holds Chinese text and needs a database in UTF8, not %',
			current_setting('server_encoding')
			USING HINT = 'CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0';
	END IF;
END $$;

BEGIN;
DROP SCHEMA IF EXISTS warehouse CASCADE;
CREATE SCHEMA warehouse;
COMMENT ON SCHEMA warehouse IS 'sample warehouse of first_loan; every name and number in it is made up';
SET LOCAL search_path = warehouse;
SET LOCAL jit = off;
SET LOCAL datestyle = 'ISO, YMD';

---------------------------------------------------------------------------
-- Tables
---------------------------------------------------------------------------

CREATE TABLE areas (area text PRIMARY KEY, name text NOT NULL);
COMMENT ON TABLE areas IS '地区: GB/T 2260, and two zones that have no such code';

CREATE TABLE institutions (
	institution_code text PRIMARY KEY,
	credit_code text NOT NULL UNIQUE,
	listing int NOT NULL,
	name text NOT NULL,
	county text NOT NULL REFERENCES areas);
COMMENT ON TABLE institutions IS '金融机构';
COMMENT ON COLUMN institutions.institution_code IS '金融机构代码 (统一社会信用代码)';
COMMENT ON COLUMN institutions.credit_code IS '征信机构代码 (14位)';
COMMENT ON COLUMN institutions.listing IS '序号';
COMMENT ON COLUMN institutions.name IS '金融机构名称';
COMMENT ON COLUMN institutions.county IS '所在县(市、区)';

CREATE TABLE enterprises (
	uscc text PRIMARY KEY,
	name text NOT NULL,
	sector text,
	industry text,
	area text REFERENCES areas,
	ownership_code text,
	scale_code text,
	persons int,
	revenue numeric,
	assets numeric);
COMMENT ON TABLE enterprises IS '企业及个体工商户基本信息';
COMMENT ON COLUMN enterprises.uscc IS '统一社会信用代码';
COMMENT ON COLUMN enterprises.name IS '名称';
COMMENT ON COLUMN enterprises.sector IS '国民经济部门';
COMMENT ON COLUMN enterprises.industry IS '行业 (GB/T 4754)';
COMMENT ON COLUMN enterprises.area IS '注册地';
COMMENT ON COLUMN enterprises.ownership_code IS '经济成分';
COMMENT ON COLUMN enterprises.scale_code IS '企业规模';
COMMENT ON COLUMN enterprises.persons IS '从业人员(人)';
COMMENT ON COLUMN enterprises.revenue IS '营业收入(万元)';
COMMENT ON COLUMN enterprises.assets IS '资产总额(万元)';

CREATE TABLE persons (
	masked_id text PRIMARY KEY,
	role text NOT NULL,
	uscc text NOT NULL);
COMMENT ON TABLE persons IS '个体工商户经营者、小微企业主';
COMMENT ON COLUMN persons.masked_id IS '证件号码(脱敏)';
COMMENT ON COLUMN persons.role IS '身份';
COMMENT ON COLUMN persons.uscc IS '所经营主体的统一社会信用代码';

CREATE TABLE identity_crosswalk (
	borrower_id text PRIMARY KEY,
	household text NOT NULL,
	basis text NOT NULL);
COMMENT ON TABLE identity_crosswalk IS '归户对照: 同一借款主体的其他证件代码';
COMMENT ON COLUMN identity_crosswalk.borrower_id IS '文件中的证件代码';
COMMENT ON COLUMN identity_crosswalk.household IS '借款主体';
COMMENT ON COLUMN identity_crosswalk.basis IS '依据';

CREATE TABLE taxpayers (
	uscc text PRIMARY KEY,
	name text NOT NULL,
	area text REFERENCES areas,
	status text NOT NULL,
	tax_grade text);
COMMENT ON TABLE taxpayers IS '纳税企业名单';
COMMENT ON COLUMN taxpayers.status IS '纳税人状态';
COMMENT ON COLUMN taxpayers.tax_grade IS '纳税信用等级';

-- Dates of the three files are text, as they were sent: '', '--' and 1900-01-01 occur.
CREATE TABLE corporate_loan_flow (
	institution_code text,
	borrower_id_type text,
	borrower_id text,
	sector text,
	industry text,
	area text,
	ownership_code text,
	scale_code text,
	loan_number text,
	contract_number text,
	product text,
	purpose_industry text,
	granted_on text,
	due_on text,
	ended_on text,
	currency text,
	amount numeric(20,2),
	amount_cny numeric(20,2),
	rate_type text,
	rate numeric(8,4),
	security_code text,
	first_loan_flag text,
	loan_status text,
	restructuring text,
	flow_flag text,
	serial_number text,
	loaded_on date);
COMMENT ON TABLE corporate_loan_flow IS '单位贷款发生额';
COMMENT ON COLUMN corporate_loan_flow.institution_code IS '金融机构代码';
COMMENT ON COLUMN corporate_loan_flow.borrower_id_type IS '借款人证件类型: A01 统一社会信用代码, A02 组织机构代码, A03 其他';
COMMENT ON COLUMN corporate_loan_flow.borrower_id IS '借款人证件代码';
COMMENT ON COLUMN corporate_loan_flow.sector IS '借款人国民经济部门';
COMMENT ON COLUMN corporate_loan_flow.industry IS '借款人行业';
COMMENT ON COLUMN corporate_loan_flow.area IS '借款人地区代码';
COMMENT ON COLUMN corporate_loan_flow.ownership_code IS '借款人经济成分';
COMMENT ON COLUMN corporate_loan_flow.scale_code IS '借款人企业规模';
COMMENT ON COLUMN corporate_loan_flow.loan_number IS '贷款借据编码';
COMMENT ON COLUMN corporate_loan_flow.contract_number IS '贷款合同编码';
COMMENT ON COLUMN corporate_loan_flow.product IS '贷款产品类别';
COMMENT ON COLUMN corporate_loan_flow.purpose_industry IS '贷款实际投向';
COMMENT ON COLUMN corporate_loan_flow.granted_on IS '贷款发放日期';
COMMENT ON COLUMN corporate_loan_flow.due_on IS '贷款到期日期';
COMMENT ON COLUMN corporate_loan_flow.ended_on IS '贷款实际终止日期';
COMMENT ON COLUMN corporate_loan_flow.currency IS '币种';
COMMENT ON COLUMN corporate_loan_flow.amount IS '贷款发生金额(元)';
COMMENT ON COLUMN corporate_loan_flow.amount_cny IS '贷款发生金额折人民币(元)';
COMMENT ON COLUMN corporate_loan_flow.rate_type IS '利率是否固定';
COMMENT ON COLUMN corporate_loan_flow.rate IS '利率水平(%)';
COMMENT ON COLUMN corporate_loan_flow.security_code IS '贷款担保方式';
COMMENT ON COLUMN corporate_loan_flow.first_loan_flag IS '是否首次贷款 (本行口径)';
COMMENT ON COLUMN corporate_loan_flow.loan_status IS '贷款状态: LF04 转入, LF05 重组';
COMMENT ON COLUMN corporate_loan_flow.restructuring IS '贷款重组方式: 01 无还本续贷, 02 借新还旧, 09 其他';
COMMENT ON COLUMN corporate_loan_flow.flow_flag IS '发放/收回标识: 1 发放, 0 收回';
COMMENT ON COLUMN corporate_loan_flow.serial_number IS '交易流水号';
COMMENT ON COLUMN corporate_loan_flow.loaded_on IS '入库日期';

CREATE TABLE person_loan_flow (
	institution_code text,
	borrower_id_type text,
	borrower_id text,
	area text,
	loan_number text,
	contract_number text,
	product text,
	granted_on text,
	due_on text,
	currency text,
	amount numeric(20,2),
	amount_cny numeric(20,2),
	rate numeric(8,4),
	security_code text,
	first_loan_flag text,
	loan_status text,
	restructuring text,
	flow_flag text,
	serial_number text,
	loaded_on date);
COMMENT ON TABLE person_loan_flow IS '个人贷款发生额';
COMMENT ON COLUMN person_loan_flow.borrower_id IS '借款人证件代码(脱敏)';
COMMENT ON COLUMN person_loan_flow.loan_number IS '贷款借据编码';
COMMENT ON COLUMN person_loan_flow.product IS '贷款产品类别: F021 个人消费, F022 经营, F023 固定资产';
COMMENT ON COLUMN person_loan_flow.granted_on IS '贷款发放日期';
COMMENT ON COLUMN person_loan_flow.amount_cny IS '贷款发生金额折人民币(元)';
COMMENT ON COLUMN person_loan_flow.security_code IS '贷款担保方式';
COMMENT ON COLUMN person_loan_flow.loaded_on IS '入库日期';

CREATE TABLE discounts (
	institution_code text,
	borrower_id_type text,
	borrower_id text,
	bill_number text,
	bill_kind text,
	financing_kind text,
	discounted_on text,
	matures_on text,
	currency text,
	amount numeric(20,2),
	amount_cny numeric(20,2),
	rate numeric(8,4),
	flow_flag text,
	serial_number text,
	loaded_on date);
COMMENT ON TABLE discounts IS '票据融资';
COMMENT ON COLUMN discounts.borrower_id IS '贴现申请人证件代码';
COMMENT ON COLUMN discounts.bill_number IS '票据编号';
COMMENT ON COLUMN discounts.bill_kind IS '票据种类: 1 银行承兑汇票, 2 商业承兑汇票';
COMMENT ON COLUMN discounts.financing_kind IS '票据融资业务类型: 01/A01 直贴, 02/A02 转贴现';
COMMENT ON COLUMN discounts.discounted_on IS '贴现日期';
COMMENT ON COLUMN discounts.matures_on IS '票据到期日期';
COMMENT ON COLUMN discounts.amount_cny IS '贴现金额折人民币(元)';
COMMENT ON COLUMN discounts.loaded_on IS '入库日期';

CREATE TABLE joint_borrowers (
	institution_code text,
	loan_number text,
	borrower_id_type text,
	borrower_id text);
COMMENT ON TABLE joint_borrowers IS '共同借款人: 借据上第二位及以后的借款人';

CREATE TABLE guarantee_contracts (
	guarantee_contract_number text PRIMARY KEY,
	institution_code text NOT NULL,
	loan_number text NOT NULL,
	security_code text,
	guarantor text,
	signed_on date,
	ended_on date);
COMMENT ON TABLE guarantee_contracts IS '担保合同';
COMMENT ON COLUMN guarantee_contracts.loan_number IS '被担保的借据编码';
COMMENT ON COLUMN guarantee_contracts.security_code IS '担保方式';
COMMENT ON COLUMN guarantee_contracts.signed_on IS '担保起始日期';
COMMENT ON COLUMN guarantee_contracts.ended_on IS '担保终止日期 (9999-12-31 或空: 仍有效)';

-- The facts of a report, its accounts, and both in one JSON document.
CREATE TABLE credit_reports (
	report_number text PRIMARY KEY,
	subject text NOT NULL,
	borrower_id text NOT NULL,
	report_date date NOT NULL,
	disputed boolean NOT NULL,
	undated_discounts int,
	summary_borrowings int,
	guarantee_transactions boolean,
	first_credit_year int,
	institutions_ever int,
	document text);
COMMENT ON TABLE credit_reports IS '征信报告';
COMMENT ON COLUMN credit_reports.report_number IS '报告编号';
COMMENT ON COLUMN credit_reports.subject IS 'enterprise 企业征信报告, person 个人征信报告';
COMMENT ON COLUMN credit_reports.borrower_id IS '信息主体证件代码';
COMMENT ON COLUMN credit_reports.report_date IS '报告日期';
COMMENT ON COLUMN credit_reports.disputed IS '异议处理中';
COMMENT ON COLUMN credit_reports.undated_discounts IS '贴现账户汇总笔数 (无日期)';
COMMENT ON COLUMN credit_reports.summary_borrowings IS '借贷交易汇总账户数 (中长期、短期、循环透支)';
COMMENT ON COLUMN credit_reports.guarantee_transactions IS '有担保交易 (承兑、信用证、保函)';
COMMENT ON COLUMN credit_reports.first_credit_year IS '首次有信贷交易的年份';
COMMENT ON COLUMN credit_reports.institutions_ever IS '发生信贷交易的机构数';
COMMENT ON COLUMN credit_reports.document IS '报告要点, JSON, 可转为 first_loan.credit_report';

CREATE TABLE credit_report_accounts (
	report_number text NOT NULL REFERENCES credit_reports,
	account_id text NOT NULL,
	business_code text,
	account_class text,
	opened_on date,
	drawn boolean,
	credit_code text,
	PRIMARY KEY (report_number, account_id));
COMMENT ON TABLE credit_report_accounts IS '征信报告: 借贷账户';
COMMENT ON COLUMN credit_report_accounts.business_code IS '借贷业务种类';
COMMENT ON COLUMN credit_report_accounts.account_class IS '账户类型: D1 非循环, D2 贴现, R1 循环, R4 循环额度下分账户, C1 催收';
COMMENT ON COLUMN credit_report_accounts.opened_on IS '开立日期';
COMMENT ON COLUMN credit_report_accounts.drawn IS '曾支用';
COMMENT ON COLUMN credit_report_accounts.credit_code IS '业务管理机构代码 (14位)';

CREATE TABLE planted (trap text PRIMARY KEY, households int NOT NULL, note text NOT NULL);
COMMENT ON TABLE planted IS 'how many households carry which trap, one trap a household';

CREATE TABLE truth (
	household text PRIMARY KEY,
	trap text NOT NULL REFERENCES planted,
	first_borrowed_on date,
	institution_code text REFERENCES institutions,
	ref text COLLATE "C",
	instrument text,
	security_class text,
	eligible boolean,
	verdict text,
	amount numeric(20,2),
	is_tie boolean);
COMMENT ON TABLE truth IS 'what was planted, household by household; no query of the files was used to make it';
COMMENT ON COLUMN truth.first_borrowed_on IS 'NULL: no borrowing of this household is in the files';
COMMENT ON COLUMN truth.ref IS 'institution code / loan or bill number';
COMMENT ON COLUMN truth.eligible IS 'NULL: ownership or scale not known';
COMMENT ON COLUMN truth.verdict IS 'of the credit reports, as of the drawdown: confirmed, refuted, unverified';
COMMENT ON COLUMN truth.is_tie IS 'two institutions on the first day';

---------------------------------------------------------------------------
-- Dice and check characters
---------------------------------------------------------------------------

-- A die of n sides (0 .. n - 1) that falls the same way for the same name and number.
SELECT format($f$
CREATE FUNCTION dice(what text, h bigint, n int) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ((hashtextextended(what || ':' || h, %s) & 9223372036854775807) %% n)::int $$
$f$, :seed) \gexec

-- GB 11714
CREATE FUNCTION organisation_check(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT substr('0X987654321', 1 + (sum((strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(code, i, 1)) - 1)
										  * ('{3,7,9,10,5,8,4,2}'::int[])[i]) % 11)::int, 1)
	FROM generate_series(1, 8) i
$$;

-- GB 32100-2015; off is added to the check character to spoil it
CREATE FUNCTION uscc_check(code text, off int DEFAULT 0) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT substr('0123456789ABCDEFGHJKLMNPQRTUWXY',
				  1 + ((31 - sum((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(code, i, 1)) - 1)
								 * ('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}'::int[])[i]) % 31 + off) % 31)::int, 1)
	FROM generate_series(1, 17) i
$$;

-- The code of number h, of the given first two characters and area.
CREATE FUNCTION make_code(kind text, area text, h bigint, off int DEFAULT 0) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT c17 || warehouse.uscc_check(c17, off)
	FROM (SELECT 'M' || lpad(((h * 7919 + 1234567) % 10000000)::text, 7, '0')) o(org8),
		 LATERAL (SELECT kind || area || org8 || warehouse.organisation_check(org8) OFFSET 0) c(c17)
$$;

---------------------------------------------------------------------------
-- Areas and institutions
---------------------------------------------------------------------------

INSERT INTO areas VALUES
	('350500', '泉州市'), ('350502', '鲤城区'), ('350503', '丰泽区'), ('350504', '洛江区'), ('350505', '泉港区'),
	('350521', '惠安县'), ('350524', '安溪县'), ('350525', '永春县'), ('350526', '德化县'), ('350527', '金门县'),
	('350581', '石狮市'), ('350582', '晋江市'), ('350583', '南安市'),
	('KFQ', '泉州开发区'), ('TSQ', '泉州台商投资区');

-- 晋江、南安、石狮 come more often than the others
CREATE TEMP TABLE place ON COMMIT DROP AS
SELECT n::int AS n, area, CASE area WHEN 'KFQ' THEN '350502' WHEN 'TSQ' THEN '350521' ELSE area END AS code_area
FROM unnest('{350582,350582,350582,350582,350583,350583,350583,350581,350581,350503,350503,350502,
			  350504,350505,350521,350521,350524,350524,350525,350526,KFQ,TSQ}'::text[]) WITH ORDINALITY p(area, n);

INSERT INTO institutions
SELECT make_code('91', code_area, 9000000 + n), 'B' || lpad((1010350500000 + n * 137)::text, 13, '0'), n, name, area
FROM (VALUES
	(1, '刺桐银行', '350503'), (2, '海丝银行', '350502'), (3, '清源银行', '350503'), (4, '洛阳江银行', '350504'),
	(5, '晋江潮银行', '350582'), (6, '五店市银行', '350582'), (7, '石湖银行', '350581'), (8, '九日山银行', '350583'),
	(9, '惠女银行', '350521'), (10, '铁观音银行', '350524'), (11, '白鹤银行', '350525'), (12, '戴云银行', '350526'),
	(13, '湄洲湾银行', '350505'), (14, '安平桥银行', '350582'), (15, '开元银行', '350502'), (16, '东西塔银行', '350502'),
	(17, '晋江农商银行(样例)', '350582'), (18, '南安农商银行(样例)', '350583'), (19, '石狮农商银行(样例)', '350581'),
	(20, '惠安农商银行(样例)', '350521'), (21, '安溪农商银行(样例)', '350524'), (22, '永春农商银行(样例)', '350525'),
	(23, '德化农商银行(样例)', '350526'), (24, '泉港农商银行(样例)', '350505'), (25, '洛江农商银行(样例)', '350504'),
	(26, '晋江村镇银行(样例)', '350582'), (27, '石狮村镇银行(样例)', '350581'), (28, '惠安村镇银行(样例)', '350521'),
	(29, '安溪村镇银行(样例)', '350524'), (30, '永春村镇银行(样例)', '350525'), (31, '德化村镇银行(样例)', '350526'),
	(32, '南安村镇银行(样例)', '350583'), (33, '台商区村镇银行(样例)', 'TSQ'), (34, '东海银行泉州分行', '350503'),
	(35, '南岭银行泉州分行', '350503'), (36, '北辰银行泉州分行', '350503'), (37, '闽山银行泉州分行', '350502'),
	(38, '鹭岛银行泉州分行', '350503'), (39, '榕城银行泉州分行', '350503'), (40, '武夷银行泉州分行', '350502'),
	-- these two grant nothing: a zero is a row of the bulletin too
	(41, '长汀银行泉州分行', '350503'), (42, '开发区村镇银行(样例)', 'KFQ')
	) v(n, name, area)
	JOIN (SELECT DISTINCT area, code_area FROM place) p USING (area);

CREATE TEMP TABLE bank ON COMMIT DROP AS
SELECT listing AS n, institution_code AS code, credit_code FROM institutions;

---------------------------------------------------------------------------
-- The plan: which traps, how many households each, and what is true of them
---------------------------------------------------------------------------

-- verdict: of the reports as of the first drawdown; '-': no borrowing in the files.
-- kind: E enterprise, S sole proprietor (个体工商户), O owner of a micro enterprise; any, where NULL.
-- later: the household has another, misleading loan in 2026Q2 or Q3.
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT ord, trap, verdict, kind, instrument, later, note,
	-- some come in twos
	CASE WHEN trap IN ('joint_loan', 'same_loan_number')
		THEN 2 * greatest(1, round(base * :scale::numeric / 2)) ELSE greatest(1, round(base * :scale::numeric)) END::int AS households
FROM (VALUES
	(1, 'none', 8600, 'confirmed', NULL, NULL, false, 'no trap: report of the drawdown day, nothing on record'),
	(2, 'report_after_drawdown', 2600, 'confirmed', NULL, NULL, false, 'report drawn later: it contains the new loan itself'),
	(3, 'same_day_two_banks', 240, 'confirmed', NULL, NULL, false, 'two institutions on the first day: one household, a tie'),
	(4, 'same_day_same_bank', 60, 'confirmed', NULL, 'loan', false, 'two loans of one institution on the first day: the lower loan number is the first'),
	(5, 'late_arrival', 160, 'confirmed', NULL, 'loan', true, 'the first loan was sent after later ones, on 2026-10-12'),
	(6, 'recovered_only', 40, '-', 'E', 'loan', false, 'only recoveries (flag 0) of a loan older than the files'),
	(7, 'recovered_before', 40, 'refuted', 'E', 'loan', false, 'a recovery before the first drawdown; the report knows the old loan'),
	(8, 'restructured_only', 40, '-', 'E', 'loan', false, 'only LF05, 借新还旧, 无还本续贷 or 其他重组'),
	(9, 'restructured_before', 40, 'refuted', 'E', 'loan', false, 'one of these before the first drawdown; the report knows the old loan'),
	(10, 'transferred_only', 30, '-', 'E', 'loan', false, 'only loans transferred in (LF04)'),
	(11, 'transferred_before', 30, 'refuted', 'E', 'loan', false, 'LF04 before the first drawdown; the report knows the old loan'),
	(12, 'interbank_rediscount', 80, 'confirmed', 'E', NULL, false, 'named in a 转贴现 before the first borrowing'),
	(13, 'consumer_loan', 150, 'confirmed', 'O', 'loan', false, 'consumer loan (F021) of the owner before; housing loan in the personal report'),
	(14, 'acceptance_only', 200, 'confirmed', 'E', NULL, false, 'acceptances, letters of credit or bank guarantees explain the year of first credit'),
	(15, 'unexplained_year', 90, 'unverified', 'E', NULL, false, 'year of first credit without accounts, nothing explains it'),
	(16, 'undated_discount_before', 50, 'refuted', 'E', NULL, false, 'undated discounts in a report older than the drawdown'),
	(17, 'undated_discount_after', 80, 'unverified', 'E', NULL, false, 'undated discounts in a report not older than the drawdown'),
	(18, 'report_too_old', 200, 'unverified', NULL, NULL, false, 'an empty report older than the drawdown'),
	(19, 'known_from_report', 220, 'refuted', NULL, NULL, false, 'an earlier loan that only the report knows'),
	(20, 'advance_in_report', 30, 'refuted', 'E', NULL, false, 'an earlier 垫款 or 资产处置 in the report'),
	(21, 'not_a_borrowing', 90, 'confirmed', 'E', NULL, false, 'earlier bond, securities, gold lending or undrawn revolving account in the report'),
	(22, 'two_reports_settled', 40, 'confirmed', 'E', NULL, false, 'a later report has undated discounts, the one of the drawdown day has none'),
	(23, 'two_reports_refuted', 20, 'refuted', 'E', NULL, false, 'undated discounts in a report before the drawdown; the second report is later, or of the day and empty'),
	(24, 'sentinel_copy', 60, 'confirmed', NULL, 'loan', false, 'the first loan was also sent with the date 1900-01-01, 0001-01-01, 1970-01-01, 9999-12-31, -- or empty'),
	(25, 'sentinel_only', 20, '-', NULL, 'loan', false, 'the only loan has no real date'),
	(26, 'failed_check', 70, 'confirmed', 'E', NULL, false, 'lawful code whose check character fails (pilot areas)'),
	(27, 'badly_written_code', 90, 'confirmed', 'E', NULL, true, 'first loan under the code in lower case or with blanks'),
	(28, 'mended_code', 25, 'confirmed', 'E', 'loan', true, 'first loan under a code with O for 0, mended by the crosswalk'),
	(29, 'unknown_code', 10, 'unverified', 'E', 'loan', false, '17 characters, known nowhere: kept, nothing can be told'),
	(30, 'owner_and_shop', 120, 'confirmed', 'S', 'loan', true, 'loans under the 92 code and under the owner''s own id'),
	(31, 'organisation_code', 80, 'confirmed', 'E', 'loan', true, 'first loan under the organisation code (A02)'),
	(32, 'guarantee_contradicts', 150, 'confirmed', NULL, 'loan', false, 'coded 信用 (D), but a guarantee contract is live: secured'),
	(33, 'guarantee_ended', 40, 'confirmed', NULL, 'loan', false, 'coded 信用 (D), the guarantee contract ended before: pure credit'),
	(34, 'guarantee_settles', 40, 'confirmed', NULL, 'loan', false, 'coded 其他 (Z) or nothing, a live guarantee contract: secured'),
	(35, 'wrong_first_flag', 120, 'confirmed', NULL, 'loan', true, 'the bank''s own flag is 0 on the first loan and 1 on a later one'),
	(36, 'disputed', 60, 'unverified', NULL, NULL, false, 'report under dispute'),
	(37, 'no_report', 260, 'unverified', NULL, NULL, false, 'no report at all'),
	(38, 'summary_only', 60, 'unverified', 'E', NULL, false, 'summary of borrowings without accounts'),
	(39, 'joint_loan', 60, 'confirmed', 'E', 'loan', false, 'joint loans, two borrowers each; one in four co-borrowers has an older loan of its own'),
	(40, 'same_loan_number', 40, 'confirmed', NULL, 'loan', false, 'two institutions use the same loan number'),
	(41, 'foreign_currency', 30, 'confirmed', 'E', 'loan', false, 'loan in USD'),
	(42, 'not_eligible', 400, 'confirmed', 'E', NULL, false, 'neither private nor small nor micro'),
	(43, 'eligibility_unknown', 50, 'confirmed', 'E', NULL, false, 'ownership or scale missing'),
	(44, 'state_micro', 120, 'confirmed', 'E', NULL, false, 'state-owned and micro or small: eligible'),
	(45, 'private_large', 80, 'confirmed', 'E', NULL, false, 'private and large: eligible'),
	(46, 'scale_from_indicators', 120, 'confirmed', 'E', NULL, false, 'no scale code: persons and revenue tell; half are small, half medium and state-owned')
	) p(ord, trap, base, verdict, kind, instrument, later, note);

INSERT INTO planted SELECT trap, households, note FROM plan ORDER BY ord;

---------------------------------------------------------------------------
-- The stories: one row a household
---------------------------------------------------------------------------

CREATE TEMP TABLE story ON COMMIT DROP AS
WITH numbered AS (
	SELECT row_number() OVER (ORDER BY ord, g) AS h, g::int AS g, p.* FROM plan p, generate_series(1, households) g
), cast_1 AS MATERIALIZED (
	SELECT h, g, trap, later, verdict,
		coalesce(kind, CASE WHEN trap <> 'same_day_two_banks' AND dice('kind', h, 100) >= 60
						THEN CASE WHEN dice('kind2', h, 100) < 55 THEN 'S' ELSE 'O' END ELSE 'E' END) AS kind,
		instrument AS only_instrument,
		-- one trap in five falls into 2026Q3, so that the quarter has some of each
		CASE WHEN later THEN date '2024-01-01' + dice('day', h, 820)
			 WHEN trap NOT IN ('none', 'report_after_drawdown') THEN
				CASE WHEN g % 5 = 1 THEN date '2026-07-01' + dice('day', h, 92)
					 WHEN g % 5 < 4 AND g % 5 > 0 THEN date '2024-01-01' + dice('day', h, 912)
					 ELSE date '2019-02-01' + dice('day', h, 1795) END
			 WHEN dice('era', h, 100) < 6 THEN date '2026-07-01' + dice('day', h, 92)
			 WHEN dice('era', h, 100) < 48 THEN date '2024-01-01' + dice('day', h, 912)
			 ELSE date '2018-01-01' + dice('day', h, 2191) END AS day,
		1 + dice('place', h, 22) AS place_n,
		1 + least(dice('bank', h, 40), dice('bank2', h, 40)) AS bank_n,
		1 + dice('other bank', h, 39) AS bank_off,
		upper(lpad(to_hex(dice('id1', h, 2000000000)), 8, '0') || lpad(to_hex(h), 8, '0')
			|| lpad(to_hex(dice('id2', h, 2000000000)), 8, '0')) AS masked_id,
		(50 + dice('amount', h, 2951)) * 1000.00 + CASE WHEN dice('size', h, 10) = 0 THEN 3000000 ELSE 0 END AS amount,
		dice('class', h, 100) AS class_die
	FROM numbered
), cast_2 AS MATERIALIZED (
	SELECT c.*, p.area, bank.code AS institution, bank.credit_code, other.code AS other_institution,
		CASE WHEN kind <> 'O' THEN make_code(
			CASE WHEN kind = 'S' THEN '92' WHEN trap = 'none' AND dice('cooperative', h, 60) = 0 THEN '93' ELSE '91' END,
			p.code_area, h, CASE WHEN trap = 'failed_check' THEN 1 + dice('off', h, 30) ELSE 0 END) END AS code,
		coalesce(only_instrument,
			CASE WHEN kind = 'E' AND (trap = 'same_day_two_banks' AND g % 4 = 0 OR dice('instrument', h, 100) < 12)
				THEN 'discount' ELSE 'loan' END) AS instrument
	FROM cast_1 c
	JOIN place p ON p.n = place_n
	JOIN bank ON bank.n = bank_n
	JOIN bank other ON other.n = 1 + (bank_n - 1 + bank_off) % 40
)
SELECT h, g, trap, later, verdict, kind, day, area, masked_id, amount, instrument, credit_code,
	CASE WHEN trap = 'unknown_code' THEN left(code, 17) WHEN kind = 'O' THEN masked_id ELSE code END AS household,
	code,
	-- on the first day the lower institution code is the first: that is the stated order
	CASE WHEN trap = 'same_day_two_banks' THEN least(institution COLLATE "C", other_institution COLLATE "C")
		 ELSE institution END AS institution,
	CASE WHEN trap = 'same_day_two_banks' THEN greatest(institution COLLATE "C", other_institution COLLATE "C")
		 ELSE other_institution END AS other_institution,
	CASE instrument WHEN 'loan' THEN 'JJ' ELSE 'PJ' END || to_char(day, 'YYYY') || lpad(h::text, 8, '0') || '00' AS number,
	CASE WHEN instrument = 'discount' THEN 'discount'
		 WHEN trap IN ('guarantee_contradicts', 'guarantee_settles') THEN 'secured'
		 WHEN trap = 'guarantee_ended' THEN 'pure_credit'
		 WHEN class_die < 36 THEN 'pure_credit'
		 WHEN class_die < 94 THEN 'secured'
		 ELSE 'unclassified' END AS class,
	-- sole proprietors: some are in the corporate file under the 92 code, some in the persons' file under the owner's id
	CASE WHEN kind = 'E' THEN 'corporate' WHEN kind = 'O' THEN 'person'
		 WHEN trap = 'owner_and_shop' THEN CASE WHEN g % 2 = 0 THEN 'corporate' ELSE 'person' END
		 WHEN dice('file', h, 2) = 0 THEN 'corporate' ELSE 'person' END AS file,
	trap = 'joint_loan' AND g % 2 = 0 AND g % 8 <> 0 AS only_joint,
	-- ownership and scale of enterprises
	CASE WHEN kind = 'E' THEN CASE trap
		WHEN 'not_eligible' THEN ('{state,state,collective,hmt,foreign}'::text[])[1 + g / 5 % 5]
		WHEN 'eligibility_unknown' THEN ('{NULL,state}'::text[])[1 + g % 2]
		WHEN 'state_micro' THEN 'state'
		WHEN 'private_large' THEN 'private'
		WHEN 'scale_from_indicators' THEN 'state'
		ELSE ('{private,private,private,private,private,private,private,private,collective,hmt,foreign}'::text[])[1 + dice('own', h, 11)]
		END END AS ownership,
	CASE WHEN kind = 'E' THEN CASE trap
		WHEN 'not_eligible' THEN ('{medium,large,medium,medium,large}'::text[])[1 + g / 5 % 5]
		WHEN 'eligibility_unknown' THEN ('{medium,NULL}'::text[])[1 + g % 2]
		WHEN 'state_micro' THEN ('{micro,small}'::text[])[1 + g % 2]
		WHEN 'private_large' THEN 'large'
		WHEN 'scale_from_indicators' THEN ('{small,medium}'::text[])[1 + g % 2]
		ELSE CASE WHEN dice('own', h, 11) < 8 AND dice('medium', h, 8) = 0 THEN 'medium'
			ELSE ('{micro,micro,micro,small,small}'::text[])[1 + dice('scale', h, 5)] END
		END END AS scale,
	CASE trap WHEN 'not_eligible' THEN false
		WHEN 'eligibility_unknown' THEN NULL WHEN 'unknown_code' THEN NULL
		WHEN 'scale_from_indicators' THEN g % 2 = 0
		ELSE true END AS eligible
FROM cast_2;

-- The second of two borrowers of a joint loan, and the second user of a loan number.
UPDATE story s SET
	day = CASE WHEN s.only_joint THEN m.day ELSE m.day - 200 END,
	institution = CASE WHEN s.only_joint THEN m.institution ELSE s.institution END,
	number = CASE WHEN s.only_joint THEN m.number ELSE s.number END,
	class = CASE WHEN s.only_joint THEN m.class ELSE s.class END,
	amount = CASE WHEN s.only_joint THEN m.amount ELSE s.amount END
FROM story m
WHERE s.trap = 'joint_loan' AND s.g % 2 = 0 AND m.h = s.h - 1;

UPDATE story s SET
	number = m.number,
	institution = CASE WHEN m.institution = s.institution THEN s.other_institution ELSE s.institution END
FROM story m
WHERE s.trap = 'same_loan_number' AND s.g % 2 = 0 AND m.h = s.h - 1;

CREATE INDEX ON story (h);
ANALYZE story;

INSERT INTO truth
SELECT household, trap, day, institution, institution || '/' || number, instrument, class,
	eligible, verdict, amount, trap = 'same_day_two_banks'
FROM story WHERE verdict <> '-'
UNION ALL
SELECT household, trap, NULL, NULL, NULL, NULL, NULL, eligible, NULL, NULL, NULL
FROM story WHERE verdict = '-';

---------------------------------------------------------------------------
-- From the stories: borrowers
---------------------------------------------------------------------------

-- Taxpayers that never borrowed.
CREATE TEMP TABLE idle ON COMMIT DROP AS
SELECT h, p.area, make_code('91', p.code_area, h) AS code
FROM (SELECT 4000000 + i AS h FROM generate_series(1, greatest(1, round(4000 * :scale::numeric))::int) i) n
JOIN place p ON p.n = 1 + dice('place', h, 22);

-- Lower bounds of persons and revenue of micro, small, medium and large, and an end.
WITH trade(n, industry, word, persons, revenue) AS (VALUES
	(0, '1810', '服饰', '{1,20,300,1000,3000}'::int[], '{10,300,2000,40000,90000}'::int[]),
	(1, '1952', '鞋业', '{1,20,300,1000,3000}', '{10,300,2000,40000,90000}'),
	(2, '3032', '石材', '{1,20,300,1000,3000}', '{10,300,2000,40000,90000}'),
	(3, '1530', '茶业', '{1,20,300,1000,3000}', '{10,300,2000,40000,90000}'),
	(4, '3489', '机械', '{1,20,300,1000,3000}', '{10,300,2000,40000,90000}'),
	(5, '5132', '贸易', '{1,5,20,200,600}', '{10,1000,5000,40000,90000}'),
	(6, '5211', '商贸', '{1,10,50,300,900}', '{10,100,500,20000,50000}'),
	(7, '6210', '餐饮', '{1,10,100,300,900}', '{10,100,2000,10000,30000}')
), who AS (
	SELECT h, code, area, kind, ownership, scale, trap, g FROM story WHERE kind <> 'O' AND trap <> 'unknown_code'
	UNION ALL
	SELECT h, code, area, 'E', 'private', 'micro', '', 0 FROM idle
), classed AS (
	SELECT *, array_position('{micro,small,medium,large}'::text[], CASE WHEN kind = 'S' THEN 'micro' ELSE scale END) AS class
	FROM who
)
INSERT INTO enterprises
SELECT code,
	substr(areas.name, 1, 2) || ('{宏,盛,鑫,恒,华,金,永,泰,顺,和}'::text[])[1 + dice('w1', h, 10)]
		|| ('{达,源,辉,丰,隆,兴,成,益,康,通}'::text[])[1 + dice('w2', h, 10)] || word
		|| CASE WHEN kind = 'S' THEN '店' WHEN code LIKE '93%' THEN '专业合作社' ELSE '有限公司' END,
	CASE kind WHEN 'S' THEN 'D01' ELSE 'C01' END, industry, area,
	CASE ownership
		WHEN 'private' THEN ('{B01,B0101,B0102,B0100}'::text[])[1 + dice('own code', h, 4)]
		WHEN 'state' THEN ('{A01,A0101,A0102}'::text[])[1 + dice('own code', h, 3)]
		WHEN 'collective' THEN ('{A02,A0201,A0202}'::text[])[1 + dice('own code', h, 3)]
		WHEN 'hmt' THEN 'B02' WHEN 'foreign' THEN 'B03' END,
	CASE WHEN trap = 'scale_from_indicators' THEN CASE WHEN g % 4 < 2 THEN 'CS05' END
		 WHEN kind = 'E' THEN ('{CS04,CS03,CS02,CS01}'::text[])[class] END,
	t.persons[class] + dice('persons', h, t.persons[class + 1] - t.persons[class]),
	t.revenue[class] + dice('revenue', h, t.revenue[class + 1] - t.revenue[class]),
	t.revenue[class] * 2
FROM classed JOIN areas USING (area) JOIN trade t ON t.n = dice('trade', h, 8);

-- The owner of a micro enterprise has borrowed; the enterprise itself may never have.
INSERT INTO persons
SELECT masked_id, '个体工商户', code FROM story WHERE kind = 'S'
UNION ALL
SELECT masked_id, '小微企业主', i.code
FROM story s JOIN idle i ON i.h = 4000001 + s.h % (SELECT count(*) FROM idle) WHERE kind = 'O';

INSERT INTO identity_crosswalk
SELECT masked_id, code, '个体工商户经营者证件' FROM story WHERE kind = 'S'
UNION ALL
SELECT overlay(code PLACING 'O' FROM strpos(code, '0') FOR 1), code, '代码录入更正' FROM story WHERE trap = 'mended_code';

INSERT INTO taxpayers
SELECT uscc, name, area,
	CASE dice('status' || uscc, 0, 25) WHEN 0 THEN '非正常' WHEN 1 THEN '注销' ELSE '正常' END,
	('{A,B,B,M,C}'::text[])[1 + dice('grade' || uscc, 0, 5)]
FROM enterprises WHERE dice('taxpayer' || uscc, 0, 12) > 0;

---------------------------------------------------------------------------
-- From the stories: rows of the loan files
---------------------------------------------------------------------------

CREATE TEMP TABLE event (
	h bigint, n int, file text, borrower_id text, borrower_id_type text, institution text, day text, number text,
	amount numeric, security text, first_flag text, loaded_on date,
	status text DEFAULT 'LF01', restructuring text, flow_flag text DEFAULT '1', product text DEFAULT 'F022',
	financing_kind text, currency text DEFAULT 'CNY') ON COMMIT DROP;

CREATE FUNCTION pg_temp.loaded(day date) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT (date_trunc('month', day::timestamp) + interval '1 month')::date + 9 $$;

CREATE FUNCTION pg_temp.number(instrument text, day date, h bigint, n int) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE instrument WHEN 'loan' THEN 'JJ' ELSE 'PJ' END || to_char(day::timestamp, 'YYYY') || lpad(h::text, 8, '0') || lpad(n::text, 2, '0') $$;

CREATE FUNCTION pg_temp.security_code(class text, h bigint, n int) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE class WHEN 'pure_credit' THEN 'D'
	WHEN 'secured' THEN ('{A,B,B01,B01,B99,C,C01,C99,E,E01}'::text[])[1 + warehouse.dice('security', h * 100 + n, 10)]
	ELSE ('{Z,NULL}'::text[])[1 + warehouse.dice('security', h * 100 + n, 2)] END $$;

CREATE FUNCTION pg_temp.any_class(h bigint, n int) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT (ARRAY['pure_credit', 'secured', 'secured', 'unclassified'])[1 + warehouse.dice('any class', h * 100 + n, 4)] $$;

-- The usual id of a household in its usual file.
CREATE TEMP VIEW usual AS
SELECT *,
	CASE WHEN trap = 'unknown_code' THEN household WHEN file = 'person' THEN masked_id ELSE code END AS id,
	CASE WHEN trap = 'unknown_code' THEN 'A03' WHEN file = 'person' THEN 'B01' ELSE 'A01' END AS id_type
FROM story;

-- The first borrowing.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount,
				   security, first_flag, loaded_on, financing_kind, currency, product)
SELECT h, 0, CASE instrument WHEN 'discount' THEN 'discount' ELSE file END,
	CASE trap
		WHEN 'badly_written_code' THEN
			CASE g % 3 WHEN 0 THEN lower(code) WHEN 1 THEN '  ' || code ELSE lower(code) || ' ' END
		WHEN 'mended_code' THEN overlay(code PLACING 'O' FROM strpos(code, '0') FOR 1)
		WHEN 'organisation_code' THEN substr(code, 9, 9)
		ELSE id END,
	CASE trap WHEN 'organisation_code' THEN 'A02' ELSE id_type END,
	institution, day::text, number, amount,
	CASE trap WHEN 'guarantee_contradicts' THEN 'D'
		WHEN 'guarantee_ended' THEN 'D'
		WHEN 'guarantee_settles' THEN pg_temp.security_code('unclassified', h, 0)
		ELSE pg_temp.security_code(class, h, 0) END,
	CASE WHEN trap = 'wrong_first_flag' THEN '0' WHEN dice('flag', h, 10) < 6 THEN '1' END,
	CASE trap WHEN 'late_arrival' THEN date '2026-10-12' ELSE pg_temp.loaded(day) END,
	('{01,A01}'::text[])[1 + dice('financing', h, 2)],
	CASE trap WHEN 'foreign_currency' THEN 'USD' ELSE 'CNY' END,
	CASE WHEN file = 'person' THEN ('{F022,F022,F023}'::text[])[1 + dice('product', h, 3)]
		ELSE ('{F022,F022,F022,F023,F04,F081}'::text[])[1 + dice('product', h, 6)] END
FROM usual WHERE verdict <> '-' AND NOT only_joint;

-- What came after it, from the 61st day on; one in twenty is no new borrowing.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount,
				   security, first_flag, loaded_on, financing_kind, status, restructuring)
SELECT h, n, CASE later.instrument WHEN 'discount' THEN 'discount' ELSE file END, id, id_type, later.institution,
	later.day::text, pg_temp.number(later.instrument, later.day, h, n),
	(50 + dice('amount', x, 3951)) * 1000.00, pg_temp.security_code(pg_temp.any_class(h, n), h, n),
	-- the bank's own view: its first loan to this household
	CASE WHEN dice('flag', x, 10) < 6 THEN (later.institution <> usual.institution)::int::text END,
	pg_temp.loaded(later.day), ('{01,A01}'::text[])[1 + dice('financing', x, 2)],
	CASE WHEN odd = 0 THEN 'LF04' WHEN odd = 1 THEN 'LF05' ELSE 'LF01' END,
	CASE WHEN odd = 2 THEN '01' WHEN odd IN (1, 3) THEN '02' WHEN odd = 4 THEN '09' END
FROM usual,
	LATERAL (SELECT date '2026-09-30' - day - 60 AS span OFFSET 0) s,
	LATERAL generate_series(1, CASE WHEN span > 0 THEN dice('more', h, 1 + least(9, span / 175)) ELSE 0 END) n,
	LATERAL (SELECT h * 100 + n AS x OFFSET 0) k,
	LATERAL (SELECT day + 61 + dice('later', x, span) AS day,
				CASE WHEN kind = 'E' AND dice('instrument', x, 100) < 15 THEN 'discount' ELSE 'loan' END AS instrument,
				CASE WHEN dice('stays', x, 10) < 7 THEN institution ELSE other_institution END AS institution,
				dice('odd', x, 100) AS odd OFFSET 0) later
WHERE verdict <> '-' AND trap <> 'unknown_code';

-- A misleading loan of 2026Q2 or Q3, under the household's usual code or its other one.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, security, first_flag, loaded_on)
SELECT h, 20, other.file, CASE other.file WHEN 'person' THEN masked_id ELSE code END,
	CASE other.file WHEN 'person' THEN 'B01' ELSE 'A01' END,
	other_institution, other.day::text, pg_temp.number('loan', other.day, h, 20), 1000000,
	pg_temp.security_code(pg_temp.any_class(h, 20), h, 20), '1', pg_temp.loaded(other.day)
FROM story,
	LATERAL (SELECT date '2026-04-01' + dice('other day', h, 183) AS day,
				CASE WHEN trap <> 'owner_and_shop' THEN file WHEN file = 'person' THEN 'corporate' ELSE 'person' END AS file OFFSET 0) other
WHERE later;

-- The second loan of the first day.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, security, first_flag, loaded_on, financing_kind)
SELECT h, 15, CASE second.instrument WHEN 'discount' THEN 'discount' ELSE file END, id, id_type,
	CASE trap WHEN 'same_day_two_banks' THEN other_institution ELSE institution END,
	day::text, pg_temp.number(second.instrument, day, h, 15), 800000,
	CASE class WHEN 'pure_credit' THEN 'B01' ELSE 'D' END, '1', pg_temp.loaded(day), '01'
FROM usual,
	LATERAL (SELECT CASE WHEN trap = 'same_day_two_banks' AND g % 3 = 0 THEN 'discount' ELSE 'loan' END AS instrument) second
WHERE trap IN ('same_day_two_banks', 'same_day_same_bank');

-- Rows before the first borrowing, or without one, that are no borrowings.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, security, loaded_on,
				   flow_flag, status, restructuring, product, financing_kind)
SELECT h, 30, CASE trap WHEN 'interbank_rediscount' THEN 'discount' ELSE file END, id, id_type, other_institution,
	before::text, pg_temp.number(CASE trap WHEN 'interbank_rediscount' THEN 'discount' ELSE 'loan' END, before, h, 30),
	600000, 'B01', pg_temp.loaded(before),
	CASE WHEN trap LIKE 'recovered%' THEN '0' ELSE '1' END,
	CASE WHEN trap LIKE 'transferred%' THEN 'LF04' WHEN trap LIKE 'restructured%' AND g % 4 = 0 THEN 'LF05' ELSE 'LF01' END,
	CASE WHEN trap LIKE 'restructured%' THEN ('{02,01,09}'::text[])[g % 4] END,
	CASE trap WHEN 'consumer_loan' THEN 'F021' ELSE 'F022' END,
	('{02,A02}'::text[])[1 + g % 2]
FROM usual, LATERAL (SELECT CASE verdict WHEN '-' THEN day ELSE day - 20 - dice('before', h, 300) END AS before OFFSET 0) b
WHERE trap IN ('recovered_only', 'recovered_before', 'restructured_only', 'restructured_before',
			   'transferred_only', 'transferred_before', 'interbank_rediscount', 'consumer_loan');

-- Loans without a date.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, security, loaded_on)
SELECT h, 0, file, id, id_type, institution,
	('{1900-01-01,0001-01-01,1970-01-01,9999-12-31,--,""}'::text[])[1 + g % 6], number, amount,
	pg_temp.security_code(class, h, 0), pg_temp.loaded(day)
FROM usual WHERE trap IN ('sentinel_copy', 'sentinel_only');

-- Repayments of one loan in six.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, security, loaded_on, flow_flag)
SELECT h, n, file, borrower_id, borrower_id_type, institution, back::text, number, amount / 2, security, pg_temp.loaded(back), '0'
FROM event, LATERAL (SELECT CASE WHEN day LIKE '2%' THEN day::date + 30 + dice('back', h * 100 + n, 300) END AS back OFFSET 0) b
WHERE file <> 'discount' AND flow_flag = '1' AND n < 30 AND dice('repaid', h * 100 + n, 6) = 0 AND back <= '2026-09-30';

-- Interbank rediscounts with banks as applicants, and loans under a dummy id: no household at all.
INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, loaded_on, financing_kind)
SELECT 7000000 + i, 0, 'discount', a.code, 'A01', b.code, d::text, pg_temp.number('discount', d, 7000000 + i, 0), 20000000,
	pg_temp.loaded(d), ('{02,A02}'::text[])[1 + i % 2]
FROM generate_series(1, greatest(1, round(300 * :scale::numeric))::int) i
JOIN bank a ON a.n = 1 + i % 40 JOIN bank b ON b.n = 1 + (i + 7) % 40,
	LATERAL (SELECT date '2018-01-01' + dice('rediscount', i, 3195) AS d OFFSET 0) d;

INSERT INTO event (h, n, file, borrower_id, borrower_id_type, institution, day, number, amount, security, loaded_on)
SELECT 8000000 + i, 0, 'corporate', '000000000000000000', 'A03', code, d::text, pg_temp.number('loan', d, 8000000 + i, 0), 300000,
	'D', pg_temp.loaded(d)
FROM generate_series(1, greatest(1, round(40 * :scale::numeric))::int) i JOIN bank ON bank.n = 1 + i % 40,
	LATERAL (SELECT date '2018-01-01' + dice('dummy', i, 3195) AS d OFFSET 0) d;

ANALYZE event;

INSERT INTO corporate_loan_flow
SELECT event.institution, borrower_id_type, borrower_id, e.sector, e.industry, e.area, e.ownership_code, e.scale_code,
	event.number, 'HT' || substr(event.number, 3), product, e.industry, event.day,
	CASE WHEN event.day ~ '^20' THEN (event.day::date + 365)::text END, CASE flow_flag WHEN '0' THEN event.day END, currency,
	CASE currency WHEN 'USD' THEN round(event.amount / 7.1, 2) ELSE event.amount END, event.amount, 'RF01',
	3 + dice('rate', h * 100 + n, 300) / 100.0, security, first_flag, status, restructuring, flow_flag,
	'LS' || h || '-' || n || '-' || flow_flag, loaded_on
FROM event LEFT JOIN story USING (h) LEFT JOIN enterprises e ON e.uscc = story.code
WHERE event.file = 'corporate'
ORDER BY dice('shuffle', h * 100 + n, 2000000000), flow_flag, event.day;

INSERT INTO person_loan_flow
SELECT institution, borrower_id_type, borrower_id, NULL, number, 'HT' || substr(number, 3), product, day,
	CASE WHEN day ~ '^20' THEN (day::date + 365)::text END, currency, amount, amount,
	3 + dice('rate', h * 100 + n, 400) / 100.0, security, first_flag, status, restructuring, flow_flag,
	'LS' || h || '-' || n || '-' || flow_flag, loaded_on
FROM event WHERE file = 'person'
ORDER BY dice('shuffle', h * 100 + n, 2000000000), flow_flag, day;

INSERT INTO discounts
SELECT institution, borrower_id_type, borrower_id, number, (1 + dice('bill', h * 100 + n, 2))::text, financing_kind, day,
	(day::date + 180)::text, currency, CASE currency WHEN 'USD' THEN round(amount / 7.1, 2) ELSE amount END, amount,
	1 + dice('rate', h * 100 + n, 200) / 100.0, flow_flag, 'LS' || h || '-' || n, loaded_on
FROM event WHERE file = 'discount'
ORDER BY dice('shuffle', h * 100 + n, 2000000000);

INSERT INTO joint_borrowers
SELECT m.institution, m.number, 'A01', s.code
FROM story s JOIN story m ON m.h = s.h - 1 WHERE s.trap = 'joint_loan' AND s.g % 2 = 0;

-- Guarantee contracts agree with the code of the loan, but for the three traps.
INSERT INTO guarantee_contracts
SELECT 'DB' || h || '-' || n || '-' || i, institution, number, kind, CASE WHEN kind LIKE 'C%' THEN '样例融资担保公司' END,
	day::date - 3, ('{NULL,9999-12-31}'::date[])[1 + (h % 2)::int]
FROM event,
	LATERAL unnest(CASE left(security, 1) WHEN 'A' THEN '{A}' WHEN 'B' THEN '{B01}' WHEN 'C' THEN '{C99}'
						WHEN 'E' THEN '{B01,C99}' END::text[]) WITH ORDINALITY k(kind, i)
WHERE file <> 'discount' AND flow_flag = '1' AND day LIKE '2%' AND dice('contract', h * 100 + n, 10) < 6
	AND NOT (n = 0 AND h IN (SELECT h FROM story WHERE trap LIKE 'guarantee_%'))
UNION ALL
SELECT 'DB' || h || '-0-1', institution, number, ('{A,B01,C99,C01}'::text[])[1 + g % 4], '样例融资担保公司', day - 400,
	CASE WHEN trap = 'guarantee_ended' THEN day - 35 WHEN g % 3 = 0 THEN date '9999-12-31' WHEN g % 3 = 1 THEN day + 365 END
FROM story WHERE trap LIKE 'guarantee_%';

---------------------------------------------------------------------------
-- From the stories: credit reports
---------------------------------------------------------------------------

-- old_*: an account opened before the drawdown; shows_new: the new loan is in the report.
CREATE TEMP TABLE reported ON COMMIT DROP AS
WITH dated AS (
	SELECT *, least(date '2026-10-12', CASE trap
		WHEN 'report_after_drawdown' THEN day + 1 + dice('report', h, 59)
		WHEN 'acceptance_only' THEN day + g % 2 * (1 + dice('report', h, 50))
		WHEN 'unexplained_year' THEN CASE WHEN g % 3 = 0 THEN day - 40 ELSE day END
		WHEN 'undated_discount_before' THEN day - 1 - g % 3 * dice('report', h, 60)
		WHEN 'undated_discount_after' THEN day + g % 3 * dice('report', h, 25)
		WHEN 'report_too_old' THEN day - 1 - g % 3 * dice('report', h, 120)
		WHEN 'known_from_report' THEN CASE WHEN g % 2 = 0 THEN day - 10 ELSE day + dice('report', h, 40) END
		WHEN 'two_reports_refuted' THEN day - 15
		ELSE day END) AS report_date
	FROM story WHERE verdict <> '-' AND trap NOT IN ('no_report', 'unknown_code')
)
SELECT h, '' AS suffix, g, trap, kind, day, instrument, credit_code, report_date,
	report_date > day AND trap IN ('report_after_drawdown', 'acceptance_only', 'known_from_report', 'undated_discount_after') AS shows_new,
	CASE WHEN trap IN ('recovered_before', 'restructured_before', 'transferred_before') THEN date '2014-01-01' + dice('old', h, 1400)
		WHEN trap = 'known_from_report' AND g % 10 = 1 THEN day - 1
		WHEN trap IN ('known_from_report', 'advance_in_report', 'not_a_borrowing', 'consumer_loan')
			OR trap = 'disputed' AND g % 2 = 0 THEN day - 30 - dice('old', h, 1500) END AS old_on,
	CASE trap WHEN 'advance_in_report' THEN ('{41,51}'::text[])[1 + g % 2]
		WHEN 'not_a_borrowing' THEN ('{10,15,31,11}'::text[])[1 + g % 4]
		WHEN 'consumer_loan' THEN '11'
		ELSE CASE WHEN kind = 'E' THEN ('{11,12,13,16}'::text[])[1 + dice('old kind', h, 4)]
			ELSE ('{41,52}'::text[])[1 + dice('old kind', h, 2)] END END AS old_business,
	CASE WHEN trap = 'advance_in_report' AND g % 2 = 1 THEN 'C1' WHEN trap = 'not_a_borrowing' AND g % 4 = 3 THEN 'R1' ELSE 'D1' END AS old_class,
	NOT (trap = 'not_a_borrowing' AND g % 4 = 3) AS old_drawn,
	CASE WHEN trap IN ('undated_discount_before', 'undated_discount_after', 'two_reports_refuted') THEN 1 + g % 4 END AS undated,
	CASE WHEN trap = 'summary_only' THEN 1 + g % 3 END AS summary
FROM dated
UNION ALL
SELECT h, '-2', g, trap, kind, day, instrument, credit_code,
	CASE WHEN is_empty THEN day ELSE least(date '2026-10-12', day + 20) END, NOT is_empty,
	NULL, NULL, NULL, NULL, CASE WHEN NOT is_empty THEN 2 END, NULL
FROM story, LATERAL (SELECT trap = 'two_reports_refuted' AND g % 2 = 0 AS is_empty) e
WHERE trap IN ('two_reports_settled', 'two_reports_refuted');

INSERT INTO credit_reports
SELECT 'BG' || lpad(h::text, 8, '0') || suffix, CASE s.kind WHEN 'E' THEN 'enterprise' ELSE 'person' END,
	CASE s.kind WHEN 'E' THEN s.code ELSE s.masked_id END, report_date, r.trap = 'disputed', undated, summary,
	CASE WHEN s.kind = 'E' THEN r.trap = 'acceptance_only' END,
	CASE WHEN s.kind = 'E' THEN CASE
		WHEN r.trap IN ('acceptance_only', 'unexplained_year', 'summary_only') THEN 2011 + r.g % 7
		WHEN old_on IS NOT NULL THEN extract(year FROM old_on)::int
		WHEN undated IS NOT NULL OR shows_new THEN extract(year FROM report_date)::int END END,
	CASE WHEN s.kind = 'E' AND (r.trap IN ('acceptance_only', 'unexplained_year', 'summary_only')
								OR old_on IS NOT NULL OR undated IS NOT NULL OR shows_new)
		THEN 1 + (r.trap = 'acceptance_only' OR old_on IS NOT NULL AND shows_new)::int END
FROM reported r JOIN story s USING (h);

INSERT INTO credit_report_accounts
SELECT 'BG' || lpad(h::text, 8, '0') || suffix, 'ZH1', old_business, old_class, old_on, old_drawn, 'B9990000000001'
FROM reported WHERE old_on IS NOT NULL
UNION ALL
SELECT 'BG' || lpad(h::text, 8, '0') || suffix, 'ZH2',
	CASE WHEN instrument = 'discount' THEN '21' WHEN kind = 'E' THEN '11' ELSE '41' END,
	CASE instrument WHEN 'discount' THEN 'D2' ELSE 'D1' END, day, true, credit_code
FROM reported WHERE shows_new;

UPDATE credit_reports r SET document = jsonb_strip_nulls(jsonb_build_object(
	'report_date', report_date, 'subject', subject, 'disputed', disputed,
	'accounts', coalesce((
		SELECT jsonb_agg(jsonb_build_object('id', account_id, 'business', business_code, 'class', account_class,
											'opened_on', opened_on, 'drawn', drawn) ORDER BY account_id)
		FROM credit_report_accounts a WHERE a.report_number = r.report_number), '[]'),
	'undated_discounts', undated_discounts, 'summary_borrowings', summary_borrowings,
	'guarantee_transactions', guarantee_transactions, 'first_credit_year', first_credit_year,
	'institutions_ever', institutions_ever))::text;

DROP VIEW pg_temp.usual;
CREATE INDEX ON guarantee_contracts (institution_code, loan_number);
COMMIT;

ANALYZE warehouse.institutions, warehouse.enterprises, warehouse.persons, warehouse.identity_crosswalk, warehouse.taxpayers,
	warehouse.corporate_loan_flow, warehouse.person_loan_flow, warehouse.discounts, warehouse.joint_borrowers,
	warehouse.guarantee_contracts, warehouse.credit_reports, warehouse.credit_report_accounts, warehouse.truth;

SELECT (SELECT count(*) FROM warehouse.corporate_loan_flow) AS "单位贷款发生额",
	(SELECT count(*) FROM warehouse.person_loan_flow) AS "个人贷款发生额",
	(SELECT count(*) FROM warehouse.discounts) AS "票据融资",
	(SELECT count(*) FROM warehouse.credit_reports) AS "征信报告",
	(SELECT count(*) FROM warehouse.truth) AS "借款主体",
	(SELECT count(*) FROM warehouse.planted) AS "埋点种类";
