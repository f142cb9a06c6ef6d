-- The share of sites whose policy mentions cookies, by year
SELECT year, count(DISTINCT domain) AS sites,
    count(DISTINCT domain) FILTER (contains(lower(text), 'cookie')) AS mention,
    round(100 * mention / sites) AS percent
FROM policies_by_year WHERE language = 'en' GROUP BY year ORDER BY year
