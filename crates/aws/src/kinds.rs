pub mod cloudwatch_log_group;
