
-- a monitor's statistics, evaluation, cultivation list and publications
--
-- doc/bulletins.md says what each relation and column means.  Everything runs
-- with the rights of the caller and reads the monitor's schema alone, but for
-- refresh_denominators and refresh_cultivation_list, which read the sources.

CREATE FUNCTION household_status(eligible boolean, verdict text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT CASE WHEN NOT $1 THEN 'ineligible'
		WHEN $2 OPERATOR(pg_catalog.=) 'refuted' THEN 'refuted'
		WHEN $1 AND $2 OPERATOR(pg_catalog.=) 'confirmed' THEN 'counted'
		ELSE 'unverified' END$$;
COMMENT ON FUNCTION household_status(boolean, text) IS 'how a first borrowing is counted: counted, unverified, refuted or ineligible; never NULL';

CREATE FUNCTION monitor_period(period text) RETURNS daterange
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT CASE WHEN pg_catalog.left($1, 1) OPERATOR(pg_catalog.=) ANY ('{[,(}'::pg_catalog.text[])
		THEN $1::pg_catalog.daterange ELSE first_loan.stat_period($1) END$$;
COMMENT ON FUNCTION monitor_period(text) IS 'a period as stat_period reads it, or as a daterange is written';

CREATE FUNCTION same_day_last_year(date) RETURNS date
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT ($1 OPERATOR(pg_catalog.-) interval '1 year')::pg_catalog.date$$;
COMMENT ON FUNCTION same_day_last_year(date) IS 'the first day of the same period last year; of 29 February, 28 February';

CREATE FUNCTION same_cut_off_last_year(date) RETURNS date
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT CASE WHEN extract(day FROM $1 OPERATOR(pg_catalog.+) 1) OPERATOR(pg_catalog.=) 1
		THEN ($1 OPERATOR(pg_catalog.+) 1 OPERATOR(pg_catalog.-) interval '1 year')::pg_catalog.date OPERATOR(pg_catalog.-) 1
		ELSE ($1 OPERATOR(pg_catalog.-) interval '1 year')::pg_catalog.date END$$;
COMMENT ON FUNCTION same_cut_off_last_year(date) IS 'the last day of the same period last year; of a month''s last day, that month''s last day';

-- ----------------------------------------------------------------------
-- Statistics: sums by month, kept by triggers on the register
-- ----------------------------------------------------------------------

CREATE FUNCTION monitor_dimensions() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT '{total,institution,area,industry,kind,scale,ownership,class}'::pg_catalog.text[]$$;
COMMENT ON FUNCTION monitor_dimensions() IS 'what the statistics are by; each but total is a column of the register';

CREATE FUNCTION monitor_measures() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$SELECT '{borrowers,households,unverified,refuted,ineligible,pure_credit,secured,discount,unclassified,inclusive,inclusive_unknown,tied,amount,amount_unknown,rated_amount,rate_amount}'::pg_catalog.text[]$$;
COMMENT ON FUNCTION monitor_measures() IS 'the sums that the statistics keep';

CREATE TYPE monitor_cell AS (month date, dimension text, value text,
	borrowers bigint, households bigint, unverified bigint, refuted bigint, ineligible bigint,
	pure_credit bigint, secured bigint, discount bigint, unclassified bigint, inclusive bigint, inclusive_unknown bigint, tied bigint,
	amount numeric, amount_unknown bigint, rated_amount numeric, rate_amount numeric);
COMMENT ON TYPE monitor_cell IS 'sums of the register''s rows of a month with a value of a dimension';

CREATE FUNCTION monitor_sums_accum(internal, dimensions text[], n integer, granted_on date, status text, inclusive boolean,
		tied_institutions integer, amount numeric, rate numeric,
		institution text, area text, industry text, kind text, scale text, ownership text, class text) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION monitor_sums_accum(internal, text[], integer, date, text, boolean, integer, numeric, numeric, text, text, text, text, text, text, text) IS 'transition of monitor_sums';
CREATE FUNCTION monitor_sums_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION monitor_sums_combine(internal, internal) IS 'combine function of monitor_sums';
CREATE FUNCTION monitor_sums_serialize(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION monitor_sums_serialize(internal) IS 'state of monitor_sums, for another process';
CREATE FUNCTION monitor_sums_deserialize(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION monitor_sums_deserialize(bytea, internal) IS 'state of monitor_sums, from another process';
CREATE FUNCTION monitor_sums_final(internal) RETURNS monitor_cell[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION monitor_sums_final(internal) IS 'result of monitor_sums';
CREATE AGGREGATE monitor_sums(dimensions text[], n integer, granted_on date, status text, inclusive boolean,
		tied_institutions integer, amount numeric, rate numeric,
		institution text, area text, industry text, kind text, scale text, ownership text, class text) (
	SFUNC = monitor_sums_accum, STYPE = internal, SSPACE = 1000000, FINALFUNC = monitor_sums_final,
	COMBINEFUNC = monitor_sums_combine, SERIALFUNC = monitor_sums_serialize, DESERIALFUNC = monitor_sums_deserialize, PARALLEL = SAFE);
COMMENT ON AGGREGATE monitor_sums(text[], integer, date, text, boolean, integer, numeric, numeric, text, text, text, text, text, text, text) IS 'rows of a register, each n times, summed by month, dimension and value';

-- The rows carry n: 1 to add, -1 to take away.
CREATE FUNCTION monitor_cells(rows text, dimensions text[], measures text[]) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
SELECT format($q$
	SELECT c.month, c.dimension, c.value, %s
	FROM (SELECT first_loan.monitor_sums(%L, n, granted_on, first_loan.household_status(eligible, verdict), inclusive,
			tied_institutions, %s, %s, institution, area, industry, kind, scale, ownership, class)
		FROM (%s) r) s(cells), unnest(s.cells) c$q$,
	(SELECT string_agg('c.' || m, ', ') FROM unnest(measures) m), dimensions,
	-- what nobody asks for need not be summed
	CASE WHEN measures && '{amount,amount_unknown,rated_amount,rate_amount}' THEN 'amount' ELSE 'NULL' END,
	CASE WHEN measures && '{rated_amount,rate_amount}' THEN 'rate' ELSE 'NULL' END, rows)
$$;
COMMENT ON FUNCTION monitor_cells(text, text[], text[]) IS 'the query that sums register rows by month, dimension and value';

CREATE FUNCTION register_changed() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	emptied date[];
BEGIN
	IF TG_OP = 'TRUNCATE' THEN
		EXECUTE format('DELETE FROM %I.month_statistics', TG_TABLE_SCHEMA);
		RETURN NULL;
	END IF;
	-- The sums are integer or numeric: taking away is exact.
	EXECUTE format($q$
		WITH cell AS (
			INSERT INTO %1$I.month_statistics AS m (month, dimension, value, %2$s)
			%3$s
			ORDER BY 2, 1	-- a bulletin reads neighbours
			ON CONFLICT (dimension, month, coalesce(value, ''), (value IS NULL)) DO UPDATE SET %4$s
			RETURNING m.month, m.borrowers
		)
		SELECT array_agg(DISTINCT month) FROM cell WHERE borrowers = 0$q$,
		TG_TABLE_SCHEMA,
		array_to_string(first_loan.monitor_measures(), ', '),
		first_loan.monitor_cells(CASE TG_OP
			WHEN 'INSERT' THEN 'SELECT 1 AS n, * FROM new_rows'
			WHEN 'DELETE' THEN 'SELECT -1 AS n, * FROM old_rows'
			ELSE 'SELECT -1 AS n, * FROM old_rows UNION ALL SELECT 1, * FROM new_rows' END,
			first_loan.monitor_dimensions(), first_loan.monitor_measures()),
		(SELECT string_agg(format('%1$I = m.%1$I + excluded.%1$I', c), ', ') FROM unnest(first_loan.monitor_measures()) c))
		INTO emptied;
	IF emptied IS NOT NULL THEN
		EXECUTE format('DELETE FROM %I.month_statistics
			WHERE dimension = ANY (first_loan.monitor_dimensions()) AND borrowers = 0 AND month = ANY ($1)', TG_TABLE_SCHEMA)
			USING emptied;
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION register_changed() IS 'trigger on a monitor''s register: keeps month_statistics exact';

CREATE FUNCTION monitor_range(monitor text, from_date date, to_date date, dimensions text[], measures text[]) RETURNS text
	LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	first_month date := date_trunc('month', from_date::timestamp);
	last_month date := date_trunc('month', to_date::timestamp);
	after_first date := first_month + interval '1 month';
	after_last date := last_month + interval '1 month';
	-- days to come have hardly any rows
	rows_to date := least(after_last, greatest(to_date, current_date) + 1);
	whole_from date := first_month;
	whole_to date := after_last;
	edges text := '';
	edge CONSTANT text := ' UNION ALL SELECT %s AS n, * FROM %I.register WHERE granted_on BETWEEN %L AND %L';
	cells text;
BEGIN
	-- Whole months, and rows of the register for what of a month at either end
	-- is too much or too little, whichever is less.
	IF to_date < from_date OR last_month = first_month AND 2 * (to_date - from_date + 1) <= rows_to - first_month THEN
		whole_to := whole_from;
		edges := format(edge, 1, monitor, from_date, to_date);
	ELSE
		IF 2 * (from_date - first_month) > after_first - first_month THEN
			whole_from := after_first;
			edges := format(edge, 1, monitor, from_date, after_first - 1);
		ELSIF from_date > first_month THEN
			edges := format(edge, -1, monitor, first_month, from_date - 1);
		END IF;
		IF 2 * (to_date - last_month + 1) < rows_to - last_month THEN
			whole_to := last_month;
			edges := edges || format(edge, 1, monitor, last_month, to_date);
		ELSIF to_date < after_last - 1 THEN
			edges := edges || format(edge, -1, monitor, to_date + 1, after_last - 1);
		END IF;
	END IF;
	cells := format('SELECT dimension, value, %s FROM %I.month_statistics WHERE dimension = ANY (%L) AND month >= %L AND month < %L',
		array_to_string(measures, ', '), monitor, dimensions, whole_from, whole_to);
	IF edges <> '' THEN
		cells := cells || format(' UNION ALL SELECT dimension, value, %s FROM (%s) e', array_to_string(measures, ', '),
			first_loan.monitor_cells(substr(edges, length(' UNION ALL ') + 1), dimensions, measures));
	END IF;
	RETURN format('SELECT dimension, value, %s FROM (%s) cells GROUP BY dimension, value',
		(SELECT string_agg(format(CASE WHEN m ~ 'amount$' THEN 'sum(%1$s) AS %1$s' ELSE 'sum(%1$s)::bigint AS %1$s' END, m), ', ')
		 FROM unnest(measures) m), cells);
END $$;
COMMENT ON FUNCTION monitor_range(text, date, date, text[], text[]) IS 'the query that sums a monitor''s statistics from one day to another, both included';

-- ----------------------------------------------------------------------
-- Bulletins
-- ----------------------------------------------------------------------

CREATE FUNCTION bulletin(monitor text, period_from date, period_to date, until date DEFAULT NULL, dimensions text[] DEFAULT NULL)
	RETURNS TABLE (dimension text, value text, name text, rank bigint,
		households bigint, share numeric, amount numeric, average_rate numeric,
		unverified bigint, refuted bigint, ineligible bigint, borrowers bigint,
		pure_credit bigint, secured bigint, discount bigint, unclassified bigint,
		inclusive bigint, inclusive_unknown bigint, tied bigint, amount_unknown bigint,
		last_year_households bigint, last_year_unverified bigint, last_year_amount numeric,
		cumulative_households bigint, target_share numeric)
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
	SET max_parallel_workers_per_gather = 0	-- a worker starts later than the rows of half a month are read
AS $$
#variable_conflict use_column
DECLARE
	wanted text[] := coalesce(dimensions, first_loan.monitor_dimensions());
	known text[] := first_loan.monitor_dimensions();
	target bigint := first_loan.monitor_parameter(monitor, 'target');
	plan_from date := first_loan.monitor_parameter(monitor, 'period_from');
	plan_to date := first_loan.monitor_parameter(monitor, 'period_to');
	last_day date := least(coalesce(until, current_date), period_to);
	measures text := array_to_string(first_loan.monitor_measures(), ', ');
	zeros text := array_to_string(array_fill(0, ARRAY[cardinality(first_loan.monitor_measures())]), ', ');
	is_part boolean;
	parts text;
BEGIN
	IF monitor IS NULL OR period_from IS NULL OR period_to IS NULL THEN
		RETURN;
	END IF;
	IF NOT isfinite(period_from) OR NOT isfinite(period_to) OR period_to < period_from THEN
		RAISE EXCEPTION 'a bulletin needs a period with both ends, the first day not after the last'
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF NOT wanted <@ known THEN
		RAISE EXCEPTION 'unknown dimension in %', wanted
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('The dimensions are %s.', array_to_string(known, ', '));
	END IF;
	-- the shares need the total
	IF NOT 'total' = ANY (wanted) THEN
		wanted := 'total'::text || wanted;
	END IF;

	parts := format('SELECT %s, 0 AS last_households, 0 AS last_unverified, 0 AS last_amount, 0 AS before, dimension, value FROM (%s) r',
			measures, first_loan.monitor_range(monitor, period_from, last_day, wanted, first_loan.monitor_measures()))
		|| format(' UNION ALL SELECT %s, households, unverified, amount, 0, dimension, value FROM (%s) r',
			zeros, first_loan.monitor_range(monitor, first_loan.same_day_last_year(period_from),
				first_loan.same_cut_off_last_year(last_day), wanted, '{households,unverified,amount}'));
	-- Cumulative: the plan's days before the period, and mostly those of the period.
	is_part := plan_from <= period_from AND last_day <= coalesce(plan_to, last_day);
	IF plan_from < period_from OR NOT is_part THEN
		parts := parts || format(' UNION ALL SELECT %s, 0, 0, 0, households, dimension, value FROM (%s) r',
			zeros, first_loan.monitor_range(monitor, plan_from,
				CASE WHEN is_part THEN least(period_from - 1, last_day) ELSE least(plan_to, last_day) END, wanted, '{households}'));
	END IF;

	RETURN QUERY EXECUTE format($q$
		WITH cells AS (
			%1$s
			UNION ALL	-- institutions that granted nothing, and an empty period
			SELECT %3$s, 0, 0, 0, 0, 'institution', institution FROM %2$I.institution_listings
			WHERE 'institution' = ANY ($1)
				AND (listed_from IS NULL OR listed_from <= $3) AND (listed_to IS NULL OR listed_to >= $2)
			UNION ALL
			SELECT %3$s, 0, 0, 0, 0, 'total', NULL
		), sums AS (
			SELECT dimension, value, %4$s, sum(last_households) AS last_households, sum(last_unverified) AS last_unverified,
				sum(last_amount) AS last_amount,
				CASE WHEN $4 IS NOT NULL THEN sum(before) + CASE WHEN $6 THEN sum(households) ELSE 0 END END AS cumulative
			FROM cells GROUP BY dimension, value
		), shares AS (
			SELECT *, max(households) FILTER (WHERE dimension = 'total') OVER () AS total
			FROM sums
		)
		SELECT s.dimension, s.value,
			CASE s.dimension WHEN 'institution' THEN coalesce(i.name, s.value) ELSE s.value END,
			CASE WHEN s.value IS NOT NULL
				THEN rank() OVER (PARTITION BY s.dimension, s.value IS NULL ORDER BY s.households DESC) END,
			s.households::bigint, round(100 * s.households / nullif(s.total, 0), 2),
			trim_scale(s.amount), round(s.rate_amount / nullif(s.rated_amount, 0), 4),
			s.unverified::bigint, s.refuted::bigint, s.ineligible::bigint, s.borrowers::bigint,
			s.pure_credit::bigint, s.secured::bigint, s.discount::bigint, s.unclassified::bigint,
			s.inclusive::bigint, s.inclusive_unknown::bigint, s.tied::bigint, s.amount_unknown::bigint,
			s.last_households::bigint, s.last_unverified::bigint, trim_scale(s.last_amount),
			s.cumulative::bigint, round(100 * s.cumulative / nullif($5, 0), 2)
		FROM shares s
		LEFT JOIN %2$I.institutions i ON s.dimension = 'institution' AND i.institution = s.value
		WHERE s.dimension = ANY ($7)
		ORDER BY array_position($1, s.dimension), s.value IS NULL, s.households DESC, s.value COLLATE "C"$q$,
		parts, monitor, zeros,
		(SELECT string_agg(format('sum(%1$s) AS %1$s', m), ', ') FROM unnest(first_loan.monitor_measures()) m))
	USING wanted, period_from, last_day, plan_from, target, is_part, coalesce(dimensions, known);
END $$;
COMMENT ON FUNCTION bulletin(text, date, date, date, text[]) IS 'a monitor''s bulletin of the days from one to another, both included, counted to the cut-off until (not given: today, or the last day)';

CREATE FUNCTION bulletin(monitor text, period daterange, until date DEFAULT NULL)
	RETURNS TABLE (dimension text, value text, name text, rank bigint,
		households bigint, share numeric, amount numeric, average_rate numeric,
		unverified bigint, refuted bigint, ineligible bigint, borrowers bigint,
		pure_credit bigint, secured bigint, discount bigint, unclassified bigint,
		inclusive bigint, inclusive_unknown bigint, tied bigint, amount_unknown bigint,
		last_year_households bigint, last_year_unverified bigint, last_year_amount numeric,
		cumulative_households bigint, target_share numeric)
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
SELECT b.*
FROM (SELECT pg_catalog.lower($2), pg_catalog.upper($2) OPERATOR(pg_catalog.-) 1 WHERE $2 IS NOT NULL) p(period_from, period_to),
	-- an end that is missing is told
	LATERAL first_loan.bulletin($1, coalesce(p.period_from, '-infinity'), coalesce(p.period_to, 'infinity'), $3) b
$$;
COMMENT ON FUNCTION bulletin(text, daterange, date) IS 'the same of a period';

CREATE FUNCTION bulletin(monitor text, period text, until date DEFAULT NULL)
	RETURNS TABLE (dimension text, value text, name text, rank bigint,
		households bigint, share numeric, amount numeric, average_rate numeric,
		unverified bigint, refuted bigint, ineligible bigint, borrowers bigint,
		pure_credit bigint, secured bigint, discount bigint, unclassified bigint,
		inclusive bigint, inclusive_unknown bigint, tied bigint, amount_unknown bigint,
		last_year_households bigint, last_year_unverified bigint, last_year_amount numeric,
		cumulative_households bigint, target_share numeric)
	LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$SELECT * FROM first_loan.bulletin($1, first_loan.monitor_period($2), $3)$$;
COMMENT ON FUNCTION bulletin(text, text, date) IS 'the same of a period as stat_period reads it';

-- ----------------------------------------------------------------------
-- Evaluation
-- ----------------------------------------------------------------------

CREATE FUNCTION evaluation(monitor text, year integer, as_of date DEFAULT NULL, count_zero_institutions boolean DEFAULT NULL)
	RETURNS TABLE (institution text, name text, listed boolean, households bigint, last_year_households bigint,
		average numeric, passed_average boolean, passed_last_year boolean, passed boolean,
		inclusive_unknown bigint, unverified bigint, year_from date, until date)
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET jit = off
	SET max_parallel_workers_per_gather = 0
AS $$
#variable_conflict use_column
DECLARE
	zeros boolean := coalesce(count_zero_institutions,
		first_loan.monitor_parameter(monitor, 'count_zero_institutions')::boolean, true);
	first_day date := make_date(year, 1, 1);
	last_day date := least(coalesce(as_of, current_date), make_date(year, 12, 31));
BEGIN
	IF monitor IS NULL OR year IS NULL THEN
		RETURN;
	END IF;
	IF last_day < first_day THEN
		RAISE EXCEPTION 'the year % has not begun on %', year, last_day
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	RETURN QUERY EXECUTE format($q$
		WITH rows AS (
			SELECT coalesce(i.institution, t.value) AS institution, i.name, i.institution IS NOT NULL AS listed,
				coalesce(t.inclusive, 0) AS households,
				coalesce(l.inclusive, 0) AS last_year,
				coalesce(t.inclusive_unknown, 0) AS inclusive_unknown, coalesce(t.unverified, 0) AS unverified
			FROM (SELECT * FROM %1$I.institutions
				  WHERE institution IN (SELECT l.institution FROM %1$I.institution_listings l
					WHERE (l.listed_from IS NULL OR l.listed_from <= $2) AND (l.listed_to IS NULL OR l.listed_to >= $1))) i
			FULL JOIN (%2$s) t ON t.value = i.institution
			LEFT JOIN (%3$s) l ON l.value = coalesce(i.institution, t.value)
		), total AS (
			SELECT sum(households) AS households, count(*) AS institutions
			FROM rows WHERE listed AND (households > 0 OR $3)
		)
		SELECT institution, coalesce(name, institution), listed, r.households::bigint, last_year::bigint,
			round(total.households / nullif(institutions, 0), 2),
			CASE WHEN listed THEN r.households * institutions > total.households END,
			CASE WHEN listed THEN r.households > last_year END,
			CASE WHEN listed THEN r.households * institutions > total.households OR r.households > last_year END,
			inclusive_unknown::bigint, unverified::bigint, $1, $2
		FROM rows r CROSS JOIN total
		ORDER BY NOT listed, r.households DESC, institution IS NULL, institution COLLATE "C"$q$,
		monitor,
		first_loan.monitor_range(monitor, first_day, last_day, '{institution}', '{inclusive,inclusive_unknown,unverified}'),
		first_loan.monitor_range(monitor, first_loan.same_day_last_year(first_day),
			first_loan.same_cut_off_last_year(last_day), '{institution}', '{inclusive}'))
	USING first_day, last_day, zeros;
END $$;
COMMENT ON FUNCTION evaluation(text, integer, date, boolean) IS 'inclusive first-loan households of each institution this year, against the average of the listed institutions and its own same period last year';

-- ----------------------------------------------------------------------
-- What is read from the sources: denominators and the cultivation list
-- ----------------------------------------------------------------------

CREATE FUNCTION monitor_column(relation regclass, column_name text, type regtype) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format(CASE WHEN EXISTS (SELECT FROM first_loan.monitor_columns(relation) c
			WHERE c.column_name = $2)
		THEN 'x.%I::%s' ELSE 'NULL::%2$s' END, column_name, type)
$$;
COMMENT ON FUNCTION monitor_column(regclass, text, regtype) IS 'an expression for a column of a source x, NULL where the source has no such column';

CREATE FUNCTION refresh_denominators(monitor text, period daterange) RETURNS void
	LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	borrowings regclass := first_loan.monitor_parameter(monitor, 'borrowings');
	taxpayers regclass := first_loan.monitor_parameter(monitor, 'taxpayers');
	settled text := first_loan.monitor_column(borrowings, 'settled_on', 'date');
	period_from date := lower(period);
	period_to date := upper(period) - 1;
BEGIN
	IF period_from IS NULL OR period_to IS NULL OR NOT isfinite(period_from) OR NOT isfinite(period_to) THEN
		RAISE EXCEPTION 'denominators need a period with both ends' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	EXECUTE format('LOCK TABLE %I.denominators IN SHARE ROW EXCLUSIVE MODE', monitor);
	EXECUTE format('DELETE FROM %I.denominators d WHERE d.period_from = $1 AND d.period_to = $2', monitor)
		USING period_from, period_to;
	EXECUTE format($q$
		INSERT INTO %1$I.denominators (period_from, period_to, dimension, value, borrowers_with_balance,
			amount_granted, borrowers_granted, taxpayers, operating_taxpayers, computed_at)
		SELECT $1, $2, dimension, value, max(with_balance), max(amount), max(granted),
			max(taxpayers), max(operating), statement_timestamp()
		FROM (
			SELECT CASE WHEN grouping(institution) = 0 THEN 'institution' WHEN grouping(area) = 0 THEN 'area' ELSE 'total' END AS dimension,
				CASE WHEN grouping(institution) = 0 THEN institution WHEN grouping(area) = 0 THEN area END AS value,
				%3$s AS with_balance,
				coalesce(sum(amount) FILTER (WHERE granted_on >= $1), 0) AS amount,
				count(DISTINCT borrower) FILTER (WHERE granted_on >= $1) AS granted,
				NULL::bigint AS taxpayers, NULL::bigint AS operating
			FROM (SELECT x.borrower::text, CASE WHEN octet_length(x.institution::text) <= 500 THEN x.institution::text END AS institution,
					x.granted_on::date, x.amount::numeric, %4$s AS settled_on,
					coalesce(CASE WHEN octet_length(%5$s) <= 500 THEN first_loan.monitor_word(%5$s) END, r.area) AS area
				  FROM %2$s x LEFT JOIN %1$I.register r ON r.borrower = x.borrower::text	-- whose area is that of the bulletins
				  WHERE x.borrower IS NOT NULL AND x.granted_on <= $2 AND isfinite(x.granted_on)
					AND (x.granted_on >= $1 OR %6$s)) b
			GROUP BY GROUPING SETS ((), (institution), (area))
			%7$s) u
		GROUP BY dimension, value$q$,
		monitor, borrowings,
		CASE settled WHEN 'NULL::date' THEN 'NULL::bigint'
			ELSE 'count(DISTINCT borrower) FILTER (WHERE settled_on IS NULL OR settled_on > $2)' END,
		settled, first_loan.monitor_column(borrowings, 'area', 'text'),
		CASE settled WHEN 'NULL::date' THEN 'false' ELSE format('(%1$s IS NULL OR %1$s > $2)', settled) END,
		CASE WHEN taxpayers IS NOT NULL THEN format($q$
			UNION ALL
			SELECT CASE grouping(area) WHEN 0 THEN 'area' ELSE 'total' END, area, NULL, NULL, NULL,
				count(DISTINCT borrower), count(DISTINCT borrower) FILTER (WHERE operating)
			FROM (SELECT x.borrower::text, x.operating, CASE WHEN octet_length(%1$s) <= 500 THEN first_loan.monitor_word(%1$s) END AS area FROM %2$s x) t
			GROUP BY GROUPING SETS ((), (area))$q$, first_loan.monitor_column(taxpayers, 'area', 'text'), taxpayers) ELSE '' END)
	USING period_from, period_to;
END $$;
COMMENT ON FUNCTION refresh_denominators(text, daterange) IS 'counts the denominators of the first-loan share of a period anew: a scan of the borrowings';

CREATE FUNCTION refresh_denominators(monitor text, period text) RETURNS void
	LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM first_loan.refresh_denominators(monitor, first_loan.monitor_period(period));
END $$;
COMMENT ON FUNCTION refresh_denominators(text, text) IS 'the same of a period as stat_period reads it';

CREATE FUNCTION refresh_cultivation_list(monitor text, as_of date) RETURNS bigint
	LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	taxpayers regclass := first_loan.monitor_parameter(monitor, 'taxpayers');
	reports regclass := first_loan.monitor_parameter(monitor, 'credit_reports');
	rules text := first_loan.monitor_verdict_arguments(monitor);
	private_as text := coalesce(first_loan.monitor_parameter(monitor, 'private_as'), '{private}');
	number bigint;
	newest date;
BEGIN
	IF taxpayers IS NULL THEN
		RAISE EXCEPTION 'monitor "%" has no taxpayers', monitor
			USING ERRCODE = 'object_not_in_prerequisite_state',
				HINT = 'Give create_monitor a view of the taxpayers.';
	END IF;
	EXECUTE format('LOCK TABLE %I.cultivation_versions IN SHARE ROW EXCLUSIVE MODE', monitor);
	EXECUTE format('SELECT coalesce(max(version), 0) + 1, max(as_of) FROM %I.cultivation_versions', monitor)
		INTO number, newest;
	IF as_of < newest THEN
		RAISE EXCEPTION 'the newest version of the cultivation list is of %, later than %', newest, as_of
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	EXECUTE format($q$
		INSERT INTO %1$I.cultivation_versions (version, as_of, made_at) VALUES ($1, $2, statement_timestamp())$q$, monitor)
	USING number, as_of;
	-- The day itself is over: a borrowing of that day is one, and a report of that day tells.
	EXECUTE format($q$
		INSERT INTO %1$I.cultivation (version, borrower, status, reason, borrowed_on, name, area, industry,
			basic_account_institution, kind, scale, ownership, eligible)
		SELECT $1, borrower,
			CASE WHEN NOT operating THEN 'not_operating'
				WHEN granted_on IS NOT NULL OR after.verdict = 'refuted' THEN 'borrowed'
				WHEN NOT eligible THEN 'ineligible'
				WHEN operating AND at.verdict = 'confirmed' THEN 'listed'
				ELSE 'unknown' END,
			CASE WHEN NOT operating THEN 'does not operate normally'
				WHEN granted_on IS NOT NULL THEN 'borrowed'
				WHEN after.verdict = 'refuted' THEN 'borrowed by the report: ' || after.reason
				WHEN NOT eligible THEN 'neither private nor small nor micro'
				WHEN operating AND at.verdict = 'confirmed' THEN NULL
				WHEN operating IS NULL THEN 'not known whether it operates'
				ELSE at.reason END,
			coalesce(granted_on, after.borrowed_on), name, area, industry, basic_account_institution, kind, coalesce(read_scale::text, scale), ownership, eligible
		FROM (
			-- read as the register reads those of households
			SELECT t.*, r.granted_on, c.report, k.scale AS read_scale,
				first_loan.is_eligible(k.kind, k.scale, k.ownership, $3::first_loan.ownership[]) AS eligible
			FROM (SELECT DISTINCT ON (x.borrower::text COLLATE "C") x.borrower::text, x.operating, %4$s
				  FROM %2$s x WHERE x.borrower IS NOT NULL
				  ORDER BY x.borrower::text COLLATE "C", x.operating DESC NULLS LAST) t
			LEFT JOIN %1$I.register r ON r.borrower = t.borrower AND r.granted_on <= $2
			LEFT JOIN (%3$s) c ON c.borrower = t.borrower
			CROSS JOIN LATERAL (
				SELECT CASE WHEN t.kind = ANY (enum_range(NULL::first_loan.borrower_kind)::text[]) THEN t.kind::first_loan.borrower_kind
						WHEN t.kind IS NULL AND t.borrower ~ '^9[1-3][0-9A-HJ-NPQRTUWXY]{16}$' THEN first_loan.borrower_kind(t.borrower) END AS kind,
					first_loan.enterprise_scale(t.scale) AS scale,
					CASE WHEN t.ownership = ANY (enum_range(NULL::first_loan.ownership)::text[]) THEN t.ownership::first_loan.ownership END AS ownership) k) s
		CROSS JOIN LATERAL first_loan.first_loan_verdict($2, report%5$s) at
		CROSS JOIN LATERAL first_loan.first_loan_verdict($2 + 1, report%5$s) after$q$,
		monitor, taxpayers,
		CASE WHEN reports IS NULL THEN 'SELECT NULL::text AS borrower, NULL::first_loan.credit_report AS report WHERE false'
			ELSE format('SELECT x.borrower::text AS borrower, first_loan.merge(x.report) AS report FROM %s x GROUP BY x.borrower::text', reports) END,
		(SELECT string_agg(format(CASE WHEN c IN ('name', 'basic_account_institution') THEN '%s AS %I' ELSE 'first_loan.monitor_word(%s) AS %I' END,
			first_loan.monitor_column(taxpayers, c, 'text'), c), ', ')
		 FROM unnest('{name,area,industry,basic_account_institution,kind,scale,ownership}'::text[]) c), rules)
	USING number, as_of, private_as;
	RETURN number;
END $$;
COMMENT ON FUNCTION refresh_cultivation_list(text, date) IS 'makes the version of the cultivation list as of the end of a day; returns its number';

-- ----------------------------------------------------------------------
-- Publication
-- ----------------------------------------------------------------------

CREATE FUNCTION published_is_final() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	sealed boolean := true;
BEGIN
	-- A publication is complete once it stands in publications: that row comes last.
	IF TG_OP = 'INSERT' THEN
		EXECUTE format('SELECT EXISTS (SELECT FROM new_rows JOIN %I.publications USING (publication))', TG_TABLE_SCHEMA)
			INTO sealed;
	END IF;
	IF sealed THEN
		RAISE EXCEPTION 'a published bulletin never changes'
			USING ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = format('%s on "%s.%s" is refused.', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME),
				HINT = 'Publish the period again: that makes a revision.';
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION published_is_final() IS 'trigger on the tables of publications: refuses every change of what is published';

CREATE FUNCTION publication_digest(monitor text, publication bigint) RETURNS text
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET jit = off
AS $$
DECLARE
	digest text;
BEGIN
	-- Neither the session's settings nor a column added later, NULL in old rows, change it.
	EXECUTE (
		SELECT format('SELECT encode(sha256(convert_to(string_agg(line, E''\n'' ORDER BY line COLLATE "C"), ''UTF8'')), ''hex'') FROM (%s) l',
			string_agg(format('SELECT %1$L || encode(sha256(convert_to(jsonb_strip_nulls(to_jsonb(t) - ''publication'')::text, ''UTF8'')), ''hex'') AS line
				FROM %2$I.%3$I t WHERE publication = $1', part || ' ', monitor, 'published_' || part), ' UNION ALL '))
		FROM unnest('{definition,bulletin,evaluation,shares,households,changes}'::text[]) part)
	INTO digest USING publication;
	RETURN digest;
END $$;
COMMENT ON FUNCTION publication_digest(text, bigint) IS 'SHA-256 over everything that a publication froze, computed anew; equal to the digest in publications unless someone tampered';

CREATE FUNCTION publish(monitor text, period daterange, until date DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
	period_from date := lower(period);
	period_to date := upper(period) - 1;
	last_day date := least(coalesce(until, current_date), period_to);
	now_at timestamptz := clock_timestamp();
	refreshed_at timestamptz;
	number bigint;
	previous bigint;
	previous_until date;
	revision integer;
BEGIN
	IF monitor IS NULL OR period IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM first_loan.monitor_parameter(monitor, 'target');
	IF period_from IS NULL OR period_to IS NULL OR NOT isfinite(period_from) OR NOT isfinite(period_to) THEN
		RAISE EXCEPTION 'a publication needs a period with both ends' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	IF last_day < period_from THEN
		RAISE EXCEPTION 'the period has not begun on %', last_day USING ERRCODE = 'invalid_parameter_value';
	END IF;

	-- One publication at a time, and no refresh between its statements: all tables of one state of the register.
	EXECUTE format('LOCK TABLE %I.publications IN SHARE ROW EXCLUSIVE MODE', monitor);
	EXECUTE format('LOCK TABLE %I.register IN SHARE MODE', monitor);
	EXECUTE format($q$
		SELECT 1 + greatest(coalesce((SELECT max(publication) FROM %1$I.publications), 0),
							coalesce((SELECT max(publication) FROM %1$I.published_definition), 0),
							coalesce((SELECT max(publication) FROM %1$I.published_households), 0)),
			(SELECT max(finished_at) FROM %1$I.refreshes)$q$, monitor)
		INTO number, refreshed_at;
	EXECUTE format($q$
		SELECT publication, p.until, p.revision FROM %1$I.publications p
		WHERE p.period_from = $1 AND p.period_to = $2 ORDER BY p.revision DESC LIMIT 1$q$, monitor)
		INTO previous, previous_until, revision USING period_from, period_to;
	revision := coalesce(revision + 1, 1);

	EXECUTE format($q$
		INSERT INTO %1$I.published_bulletin
		SELECT $1, b.* FROM first_loan.bulletin($2, $3, $4, $5) b$q$, monitor)
		USING number, monitor, period_from, period_to, last_day;
	EXECUTE format($q$
		INSERT INTO %1$I.published_evaluation
		SELECT $1, e.* FROM first_loan.evaluation($2, extract(year FROM $3)::integer, $3) e$q$, monitor)
		USING number, monitor, last_day;
	EXECUTE format($q$
		INSERT INTO %1$I.published_shares
		SELECT $1, s.* FROM %1$I.first_loan_shares s WHERE s.period_from = $2 AND s.period_to = $3
			AND $4 = least($3, current_date)	-- the denominators know of no other cut-off$q$, monitor)
		USING number, period_from, period_to, last_day;
	EXECUTE format($q$
		INSERT INTO %1$I.published_households (publication, borrower, status, granted_on, institution, ref, instrument,
			amount, rate, class, security, area, industry, kind, scale, ownership, eligible, inclusive, verdict, verdict_reason,
			tied_institutions)
		SELECT $1, borrower, first_loan.household_status(eligible, verdict), granted_on, institution, ref, instrument,
			amount, rate, class, security, area, industry, kind, scale, ownership, eligible, inclusive, verdict, verdict_reason,
			tied_institutions
		FROM %1$I.register WHERE granted_on BETWEEN $2 AND $3$q$, monitor)
		USING number, period_from, last_day;

	IF previous IS NOT NULL THEN
		EXECUTE format($q$
			INSERT INTO %1$I.published_changes (publication, borrower, change, reason, old_status, new_status,
				old_granted_on, new_granted_on, old_institution, new_institution, old_ref, new_ref, old_amount, new_amount, new_verdict_reason)
			SELECT $1, coalesce(o.borrower, n.borrower),
				CASE WHEN n.borrower IS NULL THEN 'left' WHEN o.borrower IS NULL THEN 'entered' ELSE 'changed' END,
				CASE WHEN n.borrower IS NULL THEN
						CASE WHEN r.borrower IS NULL THEN 'no borrowing on record any more'
							WHEN r.granted_on < $3 THEN 'an earlier borrowing'
							WHEN r.granted_on <= $4 THEN 'earlier cut-off'
							ELSE 'the first borrowing is later' END
					WHEN o.borrower IS NULL THEN
						CASE WHEN n.granted_on > $4 THEN 'later cut-off' ELSE 'first borrowing newly on record' END
					ELSE concat_ws(', ',
						CASE WHEN (o.granted_on, o.institution, o.ref) IS DISTINCT FROM (n.granted_on, n.institution, n.ref)
							THEN 'another first borrowing' END,
						CASE WHEN (o.verdict, o.verdict_reason) IS DISTINCT FROM (n.verdict, n.verdict_reason) THEN 'verdict' END,
						CASE WHEN o.eligible IS DISTINCT FROM n.eligible THEN 'eligibility' END,
						CASE WHEN o.inclusive IS DISTINCT FROM n.inclusive THEN 'inclusive' END,
						CASE WHEN (o.class, o.security) IS DISTINCT FROM (n.class, n.security) THEN 'security' END,
						CASE WHEN o.amount IS DISTINCT FROM n.amount THEN 'amount' END,
						CASE WHEN o.rate IS DISTINCT FROM n.rate THEN 'rate' END,
						CASE WHEN (o.instrument, o.area, o.industry, o.kind, o.scale, o.ownership, o.tied_institutions)
								IS DISTINCT FROM (n.instrument, n.area, n.industry, n.kind, n.scale, n.ownership, n.tied_institutions)
							THEN 'attributes' END) END,
				o.status, n.status, o.granted_on, coalesce(n.granted_on, r.granted_on), o.institution,
				coalesce(n.institution, CASE WHEN n.borrower IS NULL THEN r.institution END), o.ref,
				coalesce(n.ref, CASE WHEN n.borrower IS NULL THEN r.ref END), o.amount,
				coalesce(n.amount, CASE WHEN n.borrower IS NULL THEN r.amount END), coalesce(n.verdict_reason, r.verdict_reason)
			FROM (SELECT * FROM %1$I.published_households WHERE publication = $2) o
			FULL JOIN (SELECT * FROM %1$I.published_households WHERE publication = $1) n ON n.borrower = o.borrower
			LEFT JOIN %1$I.register r ON n.borrower IS NULL AND r.borrower = o.borrower
			WHERE to_jsonb(o) - 'publication' IS DISTINCT FROM to_jsonb(n) - 'publication'$q$, monitor)
			USING number, previous, period_from, previous_until;
	END IF;

	EXECUTE format($q$
		INSERT INTO %1$I.published_definition (publication, name, value)
		SELECT $1, name, value FROM %1$I.definition
		UNION ALL
		SELECT $1, 'ceiling from ' || to_char(effective_from, 'YYYY-MM-DD'),
			CASE WHEN inclusive THEN '<= ' ELSE '< ' END || trim_scale(amount) FROM %1$I.ceiling
		UNION ALL
		SELECT $1, 'publication ' || v.name, v.value FROM (VALUES ('period_from', to_char($2, 'YYYY-MM-DD')),
			('period_to', to_char($3, 'YYYY-MM-DD')), ('until', to_char($4, 'YYYY-MM-DD')), ('revision', $5::text),
			('published_at', to_char($6 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), ('published_by', session_user::text),
			('refreshed_at', to_char($7 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
			('extension', (SELECT extversion FROM pg_extension WHERE extname = 'first_loan'))) v(name, value)$q$, monitor)
		USING number, period_from, period_to, last_day, revision, now_at, refreshed_at;
	EXECUTE format($q$
		INSERT INTO %1$I.publications (publication, period_from, period_to, until, revision, published_at, published_by,
			refreshed_at, households, digest)
		SELECT $1, $2, $3, $4, $5, $6, session_user, $7,
			(SELECT households FROM %1$I.published_bulletin WHERE publication = $1 AND dimension = 'total'),
			first_loan.publication_digest($8, $1)$q$, monitor)
		USING number, period_from, period_to, last_day, revision, now_at, refreshed_at, monitor;
	RETURN number;
END $$;
COMMENT ON FUNCTION publish(text, daterange, date) IS 'freezes the bulletin of a period, counted to the cut-off until; again: a revision; returns the number of the publication';

CREATE FUNCTION publish(monitor text, period text, until date DEFAULT NULL) RETURNS bigint
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN first_loan.publish(monitor, first_loan.monitor_period(period), until);
END $$;
COMMENT ON FUNCTION publish(text, text, date) IS 'the same of a period as stat_period reads it';

-- ----------------------------------------------------------------------
-- The tables and views in a monitor's schema
-- ----------------------------------------------------------------------

CREATE FUNCTION monitor_create_statistics(monitor text) RETURNS void
	LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	institutions regclass := first_loan.monitor_parameter(monitor, 'institutions');
	relation text;
	sums text := (SELECT string_agg(format('%I %s NOT NULL', m, CASE WHEN m ~ 'amount$' THEN 'numeric' ELSE 'bigint' END), ', ')
				  FROM unnest(first_loan.monitor_measures()) m);
	-- the columns of bulletin(), but for the first three
	bulletin_columns text := (
		SELECT string_agg(format('%I %s', name, type::regtype), ', ' ORDER BY n)
		FROM pg_proc, unnest(proallargtypes, proargnames, proargmodes) WITH ORDINALITY a(type, name, mode, n)
		WHERE oid = 'first_loan.bulletin(text,daterange,date)'::regprocedure AND mode = 't');
	evaluation_columns text := (
		SELECT string_agg(format('%I %s', name, type::regtype), ', ' ORDER BY n)
		FROM pg_proc, unnest(proallargtypes, proargnames, proargmodes) WITH ORDINALITY a(type, name, mode, n)
		WHERE oid = 'first_loan.evaluation(text,integer,date,boolean)'::regprocedure AND mode = 't');
BEGIN
	-- statistics
	EXECUTE format($q$
		CREATE TABLE %1$I.month_statistics (month date NOT NULL, dimension text NOT NULL, value text, %2$s) WITH (fillfactor = 70);
		-- an unknown value is a value of its own
		CREATE UNIQUE INDEX month_statistics_key ON %1$I.month_statistics (dimension, month, coalesce(value, ''), (value IS NULL));
		COMMENT ON TABLE %1$I.month_statistics IS 'the register summed by month and dimension; kept by triggers on the register';
		-- the days of a month that a period cuts, without a visit to the table
		CREATE INDEX register_granted_on ON %1$I.register (granted_on) INCLUDE (eligible, verdict, inclusive, tied_institutions,
			amount, rate, institution, area, industry, kind, scale, ownership, class);
		CREATE TRIGGER month_statistics_insert AFTER INSERT ON %1$I.register
			REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION first_loan.register_changed();
		CREATE TRIGGER month_statistics_update AFTER UPDATE ON %1$I.register
			REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION first_loan.register_changed();
		CREATE TRIGGER month_statistics_delete AFTER DELETE ON %1$I.register
			REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION first_loan.register_changed();
		CREATE TRIGGER month_statistics_truncate AFTER TRUNCATE ON %1$I.register
			FOR EACH STATEMENT EXECUTE FUNCTION first_loan.register_changed()$q$,
		monitor, sums);
	IF institutions IS NULL THEN
		EXECUTE format($q$
			CREATE VIEW %1$I.institution_listings AS
			SELECT DISTINCT value AS institution, NULL::text AS name, NULL::date AS listed_from, NULL::date AS listed_to
			FROM %1$I.month_statistics WHERE dimension = 'institution' AND value IS NOT NULL$q$, monitor);
	ELSE
		EXECUTE format($q$
			CREATE VIEW %1$I.institution_listings AS
			SELECT %2$s AS institution, %3$s AS name, %4$s AS listed_from, %5$s AS listed_to FROM %6$s x WHERE %2$s IS NOT NULL$q$, monitor,
			first_loan.monitor_column(institutions, 'institution', 'text'), first_loan.monitor_column(institutions, 'name', 'text'),
			first_loan.monitor_column(institutions, 'listed_from', 'date'), first_loan.monitor_column(institutions, 'listed_to', 'date'),
			institutions);
	END IF;
	EXECUTE format($q$
		COMMENT ON VIEW %1$I.institution_listings IS 'the list of institutions as it is: one that left and came back has several rows';

		CREATE VIEW %1$I.institutions AS
		SELECT institution, max(name) AS name,
			CASE WHEN count(listed_from) = count(*) THEN min(listed_from) END AS listed_from,
			CASE WHEN count(listed_to) = count(*) THEN max(listed_to) END AS listed_to
		FROM %1$I.institution_listings GROUP BY institution;
		COMMENT ON VIEW %1$I.institutions IS 'the institutions of the list, a row each';

		CREATE VIEW %1$I.households AS
		SELECT r.*, first_loan.household_status(r.eligible, r.verdict) AS status FROM %1$I.register r;
		COMMENT ON VIEW %1$I.households IS 'the register, and how each first borrowing is counted';

		CREATE VIEW %1$I.periods AS
		SELECT granularity,
			CASE granularity WHEN 'month' THEN to_char(day, 'YYYY-MM') WHEN 'quarter' THEN to_char(day, 'YYYY"Q"Q')
				WHEN 'half' THEN to_char(day, 'YYYY"H"') || CASE WHEN extract(month FROM day) < 7 THEN '1' ELSE '2' END
				ELSE to_char(day, 'YYYY') END AS period,
			day::date AS period_from, (day + length)::date - 1 AS period_to
		FROM (VALUES ('month', interval '1 month'), ('quarter', interval '3 months'),
				('half', interval '6 months'), ('year', interval '1 year')) g(granularity, length),
			(SELECT min(month) AS first, max(month) AS last FROM %1$I.month_statistics WHERE dimension = 'total') m,
			generate_series(date_trunc('year', first::timestamp), last::timestamp, length) day
		WHERE day + length > first;
		COMMENT ON VIEW %1$I.periods IS 'the months, quarters, halves and years of the register';

		CREATE VIEW %1$I.bulletins AS
		SELECT p.granularity, p.period, p.period_from, p.period_to, least(p.period_to, current_date) AS until, b.*
		FROM %1$I.periods p CROSS JOIN LATERAL first_loan.bulletin(%1$L, p.period_from, p.period_to) b;
		COMMENT ON VIEW %1$I.bulletins IS 'the bulletin of every period, to today; ask for one period';

		CREATE VIEW %1$I.monthly_series AS
		SELECT d.month, (d.month + interval '1 month - 1 day')::date < current_date AS complete,
			coalesce(t.households, 0) AS households, coalesce(trim_scale(t.amount), 0) AS amount,
			round(t.rate_amount / nullif(t.rated_amount, 0), 4) AS average_rate,
			coalesce(t.unverified, 0) AS unverified, coalesce(t.refuted, 0) AS refuted,
			coalesce(t.ineligible, 0) AS ineligible, coalesce(t.borrowers, 0) AS borrowers,
			coalesce(l.households, 0) AS last_year_households,
			CASE WHEN p.plan THEN (sum(t.households - p.outside) OVER (PARTITION BY p.plan ORDER BY d.month))::bigint END AS cumulative_households,
			CASE WHEN p.plan THEN round(100 * sum(t.households - p.outside) OVER (PARTITION BY p.plan ORDER BY d.month) / nullif(p.target, 0), 2) END AS target_share
		FROM (SELECT min(month) AS first, max(month) AS last FROM %1$I.month_statistics WHERE dimension = 'total') m
		CROSS JOIN LATERAL (SELECT day::date AS month FROM generate_series(first::timestamp, last::timestamp, interval '1 month') day) d
		LEFT JOIN %1$I.month_statistics t ON t.dimension = 'total' AND t.month = d.month
		LEFT JOIN %1$I.month_statistics l ON l.dimension = 'total' AND l.month = d.month - interval '1 year'
		CROSS JOIN LATERAL (
			SELECT d.month >= date_trunc('month', f.period_from::timestamp) AND (f.period_to IS NULL OR d.month <= f.period_to) AS plan, f.target,
				-- of a month that the plan begins or ends in
				CASE WHEN d.month < f.period_from AND d.month = date_trunc('month', f.period_from::timestamp) THEN (
					SELECT count(*) FROM %1$I.register r WHERE r.granted_on >= d.month AND r.granted_on < f.period_from
						AND first_loan.household_status(r.eligible, r.verdict) = 'counted') ELSE 0 END
				+ CASE WHEN d.month <= f.period_to AND d.month + interval '1 month' > f.period_to + 1 THEN (
					SELECT count(*) FROM %1$I.register r WHERE r.granted_on > f.period_to AND r.granted_on < (d.month + interval '1 month')::date
						AND first_loan.household_status(r.eligible, r.verdict) = 'counted') ELSE 0 END AS outside
			FROM (SELECT max(value) FILTER (WHERE name = 'period_from')::date AS period_from,
					max(value) FILTER (WHERE name = 'period_to')::date AS period_to,
					max(value) FILTER (WHERE name = 'target')::bigint AS target FROM %1$I.definition) f) p;
		COMMENT ON VIEW %1$I.monthly_series IS 'every month of the register, months without a first borrowing among them';

		CREATE VIEW %1$I.progress AS
		SELECT CASE WHEN y.year IS NULL THEN 'plan' ELSE y.year::text END AS period, y.period_from, y.period_to,
			least(y.period_to, current_date) AS until, b.households, b.amount, b.average_rate, b.unverified,
			f.target, round(100.0 * b.households / nullif(f.target, 0), 2) AS target_share, b.cumulative_households
		FROM (SELECT max(value) FILTER (WHERE name = 'period_from')::date AS period_from,
				max(value) FILTER (WHERE name = 'period_to')::date AS period_to,
				max(value) FILTER (WHERE name = 'target')::bigint AS target FROM %1$I.definition) f
		CROSS JOIN LATERAL (
			SELECT NULL::integer AS year, f.period_from, f.period_to
			UNION ALL
			SELECT year, greatest(f.period_from, make_date(year, 1, 1)), least(f.period_to, make_date(year, 12, 31))
			FROM generate_series(extract(year FROM f.period_from)::integer, extract(year FROM f.period_to)::integer) year) y
		CROSS JOIN LATERAL first_loan.bulletin(%1$L, y.period_from, y.period_to, NULL, '{total}') b;
		COMMENT ON VIEW %1$I.progress IS 'the plan''s target: each year of it and the whole';

		CREATE VIEW %1$I.evaluations AS
		SELECT y.year, e.*
		FROM (SELECT min(month) AS first, max(month) AS last FROM %1$I.month_statistics WHERE dimension = 'total') m
		CROSS JOIN LATERAL generate_series(extract(year FROM first)::integer,
			least(extract(year FROM last), extract(year FROM current_date))::integer) y(year)
		CROSS JOIN LATERAL first_loan.evaluation(%1$L, y.year) e;
		COMMENT ON VIEW %1$I.evaluations IS 'the evaluation of every year, to today; ask for one year';

		CREATE TABLE %1$I.denominators (
			period_from date NOT NULL, period_to date NOT NULL, dimension text NOT NULL, value text,
			borrowers_with_balance bigint, amount_granted numeric, borrowers_granted bigint,
			taxpayers bigint, operating_taxpayers bigint, computed_at timestamptz NOT NULL);
		CREATE UNIQUE INDEX denominators_key ON %1$I.denominators (period_from, period_to, dimension, coalesce(value, ''), (value IS NULL));
		COMMENT ON TABLE %1$I.denominators IS 'what the first-loan share may be a share of; filled by refresh_denominators';

		CREATE VIEW %1$I.first_loan_shares AS
		SELECT p.period_from, p.period_to, b.dimension, b.value, b.name, b.households, b.amount,
			d.borrowers_with_balance, round(100.0 * b.households / nullif(d.borrowers_with_balance, 0), 2) AS share_of_borrowers_with_balance,
			d.amount_granted, round(100 * b.amount / nullif(d.amount_granted, 0), 2) AS share_of_amount_granted,
			d.borrowers_granted, round(100.0 * b.households / nullif(d.borrowers_granted, 0), 2) AS share_of_borrowers_granted,
			d.taxpayers, round(100.0 * b.households / nullif(d.taxpayers, 0), 2) AS share_of_taxpayers,
			d.operating_taxpayers, round(100.0 * b.households / nullif(d.operating_taxpayers, 0), 2) AS share_of_operating_taxpayers,
			d.computed_at
		FROM (SELECT DISTINCT period_from, period_to FROM %1$I.denominators) p
		CROSS JOIN LATERAL first_loan.bulletin(%1$L, p.period_from, p.period_to, NULL, '{total,institution,area}') b
		LEFT JOIN %1$I.denominators d ON d.period_from = p.period_from AND d.period_to = p.period_to
			AND d.dimension = b.dimension AND d.value IS NOT DISTINCT FROM b.value;
		COMMENT ON VIEW %1$I.first_loan_shares IS 'the first-loan share with each candidate denominator, of the periods in denominators'$q$, monitor);

	-- cultivation list
	EXECUTE format($q$
		CREATE TABLE %1$I.cultivation_versions (version bigint PRIMARY KEY, as_of date NOT NULL, made_at timestamptz NOT NULL);
		COMMENT ON TABLE %1$I.cultivation_versions IS 'versions of the cultivation list; made by refresh_cultivation_list';
		CREATE TABLE %1$I.cultivation (
			version bigint REFERENCES %1$I.cultivation_versions,
			borrower text CONSTRAINT borrower_of_at_most_500_bytes CHECK (octet_length(borrower) <= 500), status text NOT NULL, reason text, borrowed_on date,
			name text, area text, industry text, basic_account_institution text, kind text, scale text, ownership text,
			eligible boolean, PRIMARY KEY (version, borrower));
		COMMENT ON TABLE %1$I.cultivation IS 'every taxpayer in every version: listed, unknown, borrowed, not_operating or ineligible';

		CREATE VIEW %1$I.cultivation_list AS
		SELECT c.version, v.as_of, c.borrower, c.name, c.area, c.industry, c.basic_account_institution, c.kind, c.scale,
			c.ownership, c.eligible,
			CASE WHEN r.granted_on > v.as_of THEN r.granted_on END AS converted_on,
			CASE WHEN r.granted_on > v.as_of THEN r.institution END AS converted_by,
			CASE WHEN r.granted_on > v.as_of THEN r.institution = c.basic_account_institution END AS by_basic_account_bank,
			CASE WHEN r.granted_on > v.as_of THEN first_loan.household_status(r.eligible, r.verdict) END AS converted_status,
			CASE WHEN r.granted_on <= v.as_of THEN r.granted_on END AS borrowed_before
		FROM %1$I.cultivation c JOIN %1$I.cultivation_versions v USING (version)
		LEFT JOIN %1$I.register r ON r.borrower = c.borrower
		WHERE c.status = 'listed';
		COMMENT ON VIEW %1$I.cultivation_list IS 'taxpayers operating normally that had never borrowed, and who has borrowed since';

		CREATE VIEW %1$I.cultivation_changes AS
		SELECT n.version, n.borrower, 'entered' AS change,
			CASE WHEN o.borrower IS NULL THEN 'a new taxpayer'
				WHEN o.status = 'not_operating' THEN 'operates normally again'
				WHEN o.status = 'borrowed' THEN 'no borrowing on record any more'
				WHEN o.status = 'ineligible' THEN 'private, small or micro by now'
				ELSE 'never borrowed by now known' END AS reason,
			o.status AS old_status, n.status AS new_status, n.name, n.area, n.basic_account_institution
		FROM %1$I.cultivation n JOIN %1$I.cultivation_versions p ON p.version = n.version - 1
		LEFT JOIN %1$I.cultivation o ON o.version = p.version AND o.borrower = n.borrower
		WHERE n.status = 'listed' AND o.status IS DISTINCT FROM 'listed'
		UNION ALL
		SELECT v.version, o.borrower, 'left',
			CASE WHEN n.borrower IS NULL THEN 'no taxpayer any more' ELSE n.reason END, o.status, n.status,
			o.name, o.area, o.basic_account_institution
		FROM %1$I.cultivation o JOIN %1$I.cultivation_versions v ON v.version - 1 = o.version
		LEFT JOIN %1$I.cultivation n ON n.version = v.version AND n.borrower = o.borrower
		WHERE o.status = 'listed' AND n.status IS DISTINCT FROM 'listed';
		COMMENT ON VIEW %1$I.cultivation_changes IS 'who entered and who left the list with a version, and why';

		CREATE VIEW %1$I.cultivation_summary AS
		SELECT s.version, v.as_of, s.dimension, s.value, i.name,
			sum(s.listed)::bigint AS listed, sum(s.unknown)::bigint AS unknown, sum(s.entered)::bigint AS entered,
			sum(s.departed)::bigint AS departed, sum(s.converted)::bigint AS converted
		FROM (
			SELECT version, dimension, value, listed, unknown, entered, departed, converted
			FROM (
				SELECT version, area, basic_account_institution AS bank, (status = 'listed')::integer AS listed,
					(status = 'unknown')::integer AS unknown, 0 AS entered, 0 AS departed, 0 AS converted
				FROM %1$I.cultivation WHERE status IN ('listed', 'unknown')
				UNION ALL
				SELECT version, area, basic_account_institution, 0, 0, (change = 'entered')::integer, (change = 'left')::integer, 0
				FROM %1$I.cultivation_changes
				UNION ALL
				SELECT version, area, basic_account_institution, 0, 0, 0, 0, 1
				FROM %1$I.cultivation_list WHERE converted_on IS NOT NULL) u
			CROSS JOIN LATERAL (VALUES ('total', NULL), ('area', area), ('bank', bank)) d(dimension, value)) s
		JOIN %1$I.cultivation_versions v USING (version)
		LEFT JOIN %1$I.institutions i ON s.dimension = 'bank' AND i.institution = s.value
		GROUP BY s.version, v.as_of, s.dimension, s.value, i.name;
		COMMENT ON VIEW %1$I.cultivation_summary IS 'the list by version, area and basic-account bank'$q$, monitor);

	-- publications
	EXECUTE format($q$
		CREATE TABLE %1$I.publications (
			publication bigint PRIMARY KEY, period_from date NOT NULL, period_to date NOT NULL, until date NOT NULL,
			revision integer NOT NULL, published_at timestamptz NOT NULL, published_by text NOT NULL, refreshed_at timestamptz,
			households bigint NOT NULL, digest text NOT NULL, UNIQUE (period_from, period_to, revision));
		COMMENT ON TABLE %1$I.publications IS 'what was published when; a period''s revision 1 is the first';
		CREATE TABLE %1$I.published_definition (publication bigint, name text, value text, PRIMARY KEY (publication, name));
		COMMENT ON TABLE %1$I.published_definition IS 'the parameters of each publication';
		CREATE TABLE %1$I.published_bulletin (publication bigint NOT NULL, %2$s);
		CREATE INDEX ON %1$I.published_bulletin (publication);
		COMMENT ON TABLE %1$I.published_bulletin IS 'the bulletin of each publication';
		CREATE TABLE %1$I.published_evaluation (publication bigint NOT NULL, %3$s);
		CREATE INDEX ON %1$I.published_evaluation (publication);
		COMMENT ON TABLE %1$I.published_evaluation IS 'the evaluation at the cut-off of each publication';
		CREATE TABLE %1$I.published_shares (publication bigint NOT NULL, LIKE %1$I.first_loan_shares);
		CREATE INDEX ON %1$I.published_shares (publication);
		COMMENT ON TABLE %1$I.published_shares IS 'the first-loan shares of each publication, where denominators were there';
		CREATE TABLE %1$I.published_households (
			publication bigint, borrower text, status text NOT NULL, granted_on date NOT NULL, institution text, ref text,
			instrument text, amount numeric, rate numeric, class text, security text, area text, industry text, kind text,
			scale text, ownership text, eligible boolean, inclusive boolean, verdict text, verdict_reason text,
			tied_institutions integer, PRIMARY KEY (publication, borrower));
		COMMENT ON TABLE %1$I.published_households IS 'the first borrowings behind each publication';
		CREATE TABLE %1$I.published_changes (
			publication bigint, borrower text, change text NOT NULL, reason text NOT NULL, old_status text, new_status text,
			old_granted_on date, new_granted_on date, old_institution text, new_institution text, old_ref text, new_ref text,
			old_amount numeric, new_amount numeric, new_verdict_reason text, PRIMARY KEY (publication, borrower));
		COMMENT ON TABLE %1$I.published_changes IS 'the households in which a revision differs from the publication before it, and why'$q$,
		monitor, bulletin_columns, evaluation_columns);
	FOREACH relation IN ARRAY '{publications,published_definition,published_bulletin,published_evaluation,published_shares,published_households,published_changes}'::text[] LOOP
		EXECUTE format($q$
			CREATE TRIGGER published_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON %1$I.%2$I
				FOR EACH STATEMENT EXECUTE FUNCTION first_loan.published_is_final()$q$, monitor, relation);
		IF relation <> 'publications' THEN
			EXECUTE format($q$
				CREATE TRIGGER published_is_complete AFTER INSERT ON %1$I.%2$I
					REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION first_loan.published_is_final()$q$,
				monitor, relation);
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION monitor_create_statistics(text) IS 'makes the tables, triggers and views of the statistics in a new monitor''s schema; create_monitor calls it';
