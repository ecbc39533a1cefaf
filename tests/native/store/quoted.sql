-- a comment 'with a quote
SELECT  1,
  'two  -- words'  -- trailing
FROM x
