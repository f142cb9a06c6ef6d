-- Changes that the policy's own date hides, and how many say nothing of their date
SELECT year(changed_before) AS year, count(*) AS changes, count(*) FILTER (silent) AS silent,
    count(*) FILTER (backdated) AS backdated, count(*) FILTER (stated_date IS NULL) AS undated
FROM changes WHERE kind = 'substantive' GROUP BY year ORDER BY year
