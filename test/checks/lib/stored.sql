-- Stored values of each type of the extension, with indexes of every kind, and
-- the monitor "fl": for the checks that move a whole database.  In an empty one:
--
--	psql -v version=VERSION -v dir=DIR -f test/checks/lib/stored.sql
--
-- where DIR is for the files that make-values.sql writes, and VERSION is that of
-- the extension.  stored_state.sql tells all that is there.
\ir ../../upgrade/make-values.sql
\pset format unaligned
\pset tuples_only on

INSERT INTO typed (what, s) SELECT 'out of line', first_loan_set(md5(i::text), date '2024-01-01' + i % 91, 'Bank ' || i % 7, md5((-i)::text), i % 2 = 0)
FROM generate_series(1, 5000) i;
ALTER TABLE typed ADD h institution_households, ADD hs institution_households[], ADD ls loan_security[], ADD us uscc[];
INSERT INTO typed (what, h, hs, ls, us) VALUES
	('composite', ('银行', 3), first_loan_count((SELECT s FROM typed WHERE what = 'institutions')), '{none,mortgage+pledge,NULL}', '{914403001922038216,91350000151842711F}');

-- since 0.2.0
SELECT 'ALTER TABLE typed ADD cell monitor_cell', $$INSERT INTO typed (what, cell) VALUES ('sums', ('2024-01-01', 'total', NULL, 3, 2, 1, 0, 0, 1, 1, 0, 0, 2, 0, 0, 1000.50, 0, 1000.50, 4.35))$$
WHERE to_regtype('monitor_cell') IS NOT NULL \gexec

CREATE INDEX typed_u ON typed (u);
CREATE INDEX typed_u_hash ON typed USING hash (u);
CREATE INDEX typed_l ON typed (l);
CREATE INDEX typed_l_hash ON typed USING hash (l);
CREATE INDEX typed_r ON typed (r);
CREATE INDEX typed_r_hash ON typed USING hash (r);
CREATE INDEX typed_c ON typed (c, e, o, k);
CREATE INDEX typed_area ON typed (area(u), has_valid_check(u));

-- rows that are found by a key of these types
CREATE TABLE keyed (u uscc, l loan_security, c loan_class, n int, PRIMARY KEY (u, l, c));
INSERT INTO keyed SELECT ('91350500MA' || lpad((i * 7919 % 10007)::text, 8, '0'))::uscc, (ARRAY['none', 'mortgage', 'unknown'])[1 + i % 3]::loan_security,
	(enum_range(NULL::loan_class))[1 + i % 4], i FROM generate_series(1, 3000) i;
-- and by all that they are
CREATE TABLE unkeyed (u uscc, l loan_security, r credit_report, e enterprise_scale);
INSERT INTO unkeyed SELECT u, l, format('{"report_date": "2024-05-31", "undated_discounts": %s}', n)::credit_report, (enum_range(NULL::enterprise_scale))[1 + n % 4]
FROM keyed WHERE n <= 60;
ALTER TABLE unkeyed REPLICA IDENTITY FULL;
