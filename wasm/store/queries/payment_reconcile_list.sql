-- How the walks stand. Two rows, no index.
SELECT * FROM payment_reconciles
