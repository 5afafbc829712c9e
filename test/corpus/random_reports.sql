-- Reports of all sorts around a few dates, in the text form.
CREATE FUNCTION pg_temp.pick(choices text[]) RETURNS text LANGUAGE sql AS 'SELECT choices[1 + floor(random() * array_length(choices, 1))]';
CREATE TEMP TABLE random_reports AS
	SELECT n, jsonb_strip_nulls(jsonb_build_object(
			'subject', pg_temp.pick(ARRAY['enterprise', 'enterprise', 'person']),
			'report_date', pg_temp.pick(ARRAY['2024-01-05', '2024-01-06', '2024-01-07', '2024-01-10', NULL]),
			'disputed', random() < 0.05,
			'undated_discounts', CASE WHEN random() < 0.15 THEN floor(random() * 100)::int END,
			'summary_borrowings', CASE WHEN random() < 0.2 THEN floor(random() * 100)::int END,
			'guarantee_transactions', random() < 0.4,
			'first_credit_year', CASE WHEN random() < 0.3 THEN 1940 + floor(random() * 150)::int END,
			'institutions_ever', CASE WHEN random() < 0.3 THEN floor(random() * 100)::int END,
			'accounts', (SELECT jsonb_agg(CASE WHEN a ->> 'class' = 'R1' AND random() < 0.4 THEN a || '{"drawn": false}' ELSE a END) FROM (
				SELECT jsonb_strip_nulls(jsonb_build_object(
					'business', pg_temp.pick(ARRAY['10', '11', '12', '13', '14', '15', '16', '21', '31', '41', '51', '52', '71', '99', 'ZZ', NULL, NULL]),
					'class', pg_temp.pick(ARRAY['C1', 'D1', 'D1', 'D2', 'R1', 'R1', 'R4', 'Q1', NULL, NULL]),
					'opened_on', pg_temp.pick(ARRAY['2024-01-04', '2024-01-05', '2024-01-06', '2024-01-07', NULL]),
					'settled', random() < 0.5,
					'id', CASE WHEN random() < 0.5 THEN 'X' || m END)) AS a
				FROM generate_series(1, floor(random() * 4 + n * 0)::int) m) g))) AS doc
	FROM generate_series(1, 3000) n;
