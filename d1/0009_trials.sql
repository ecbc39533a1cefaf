-- Trials: licences that somebody asked for without paying, once.

ALTER TABLE licenses ADD COLUMN trial_of TEXT;                           -- keyed hash of whom it was given to; NULL: no trial
CREATE UNIQUE INDEX licenses_by_trial ON licenses (trial_of) WHERE trial_of IS NOT NULL;
