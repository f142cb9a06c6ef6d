-- Changes after which a policy was shorter
SELECT domain, changed_before::DATE AS seen_on, old.words AS before, new.words AS after,
    returned
FROM changes JOIN texts AS old ON old.text_id = from_text_id
    JOIN texts AS new ON new.text_id = to_text_id
WHERE new.words < old.words ORDER BY new.words / old.words
