-- A replica of before V7 that still runs beside newer ones adds credentials without a position: they come last.
alter table credential alter column position set default 1000000;
