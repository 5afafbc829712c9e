-- stat_period: forms and errors
SET search_path = first_loan, public;
SET datestyle = ISO;

SELECT name, stat_period(name) FROM unnest(ARRAY[
	'2024', '2024H1', '2024H2', '2024-H1', '2024h2', '2024Q1', '2024Q2', '2024Q3', '2024Q4', '2024-Q3', '2024-q4',
	'2024-01', '2024-02', '2023-02', '2024-12', '2024-2026', '2024-2024',
	'2024年', '2024-2026年', '2024年上半年', '2024年下半年', '2024年第一季度', '2024年第四季度', '2024年三季度', '2024年3季度', '2024年第3季度',
	'2024年前三季度', '2024年前两季度', '2024年前二季度', '2024年前3季度', '2024年前三个季度', '2024年前一季度', '2024年前四季度',
	'2024年5月', '2024年05月', '2024年12月', '2024年1-9月', '2024年3-3月', '2024年01-12月',
	' 2024 ', '　2024年　', E'2024Q3\n', '0001', '9999', '9999-12', NULL]) name;

SELECT stat_period('2024H3');
SELECT stat_period('2024H0');
SELECT stat_period('2024Q5');
SELECT stat_period('2024-Q0');
SELECT stat_period('2024Q12');
SELECT stat_period('2024-13');
SELECT stat_period('2024-00');
SELECT stat_period('2026-2024');
SELECT stat_period('2026-2024年');
SELECT stat_period('2024年五季度');
SELECT stat_period('2024年第0季度');
SELECT stat_period('2024年前五季度');
SELECT stat_period('2024年13月');
SELECT stat_period('2024年9-1月');
SELECT stat_period('2024年1-13月');
SELECT stat_period('0000');

-- not a form at all: the same message for each
CREATE FUNCTION pg_temp.refused(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN stat_period(name);
EXCEPTION WHEN invalid_datetime_format THEN
	RETURN SQLERRM;
END $$;
SELECT pg_temp.refused(name) FROM unnest(ARRAY['', ' ', '--', '24', '20245', '2024-', '2024-5', '2024-2', '2024-005', '2024-202', '2024-20265', '2024/05', '2024 Q3', '2024Q', '2024Q3x', '2024-Q3-',
	'2024QQ3', '2024H', '2024-05-01', '202405', '2024年5', '2024年半年', '2024年第季度', '2024年第三', '2024年前季度', '2024年一月', '2024年三', '2024年第十季度',
	'2024年1-9', '2024年1--9月', '2024年-5月', '二〇二四年', '2024年上半年度', '2024年-2026年', 'Q3', '2024-2026-2028', '-2024', '+2024', '２０２４']) name;
