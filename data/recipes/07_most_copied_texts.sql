-- The texts that stand at the most sites, word for word or nearly (after `scrapy clusters`)
SELECT count(DISTINCT domain) AS sites, count(DISTINCT text_id) AS texts,
    min(archived_on) AS first_seen, arg_min(domain, timestamp) AS first_at,
    arg_min(title, timestamp) AS title
FROM policies LEFT JOIN text_clusters USING (text_id)
GROUP BY coalesce(cluster, text_id) ORDER BY sites DESC, first_seen LIMIT 5
