-- Substantive changes within 60 days of a law: by the date that the policy states, else by the bracket
SELECT law, in_force, domain, changed_after::DATE AS after, changed_before::DATE AS not_later_than,
    stated_date, words_added, words_removed
FROM changes JOIN read_csv('data/laws.csv') AS laws ON coalesce(
    CASE WHEN NOT silent OR silent IS NULL THEN abs(stated_date - in_force) <= 60 END,
    changed_after >= in_force - INTERVAL 60 DAY AND changed_before <= in_force + INTERVAL 60 DAY)
WHERE kind = 'substantive' ORDER BY in_force, domain
