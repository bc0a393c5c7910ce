-- A database for each reference backend; the backends make and fill their tables themselves.
CREATE DATABASE IF NOT EXISTS subscriptions;
CREATE DATABASE IF NOT EXISTS bundles;
CREATE DATABASE IF NOT EXISTS loyalty;
