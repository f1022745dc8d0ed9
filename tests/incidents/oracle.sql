-- SPDX-License-Identifier: MIT
--
-- What an incident log holds, computed from the CSV alone: neither the converter nor the playbook nor the runtime has a
-- part in it. Run by the sqlite3 command line after the CSV was imported into the table [log], all columns text, rows in the
-- order of the file:
--
--     sqlite3 -batch :memory: ".import --csv incidents.csv log" ".read oracle.sql"
--
-- Writes a line `category|case|instant` for everything that happened. playbooks/it-incident/README.md says in a
-- sentence each what counts. All times are minutes since 1970, UTC.

.mode list
.separator "|"

create temp table promised (priority text primary key, promise integer, silence integer);
insert into promised values
	('1 - Critical', 4 * 60, 2 * 60),
	('2 - High', 24 * 60, 8 * 60),
	('3 - Moderate', 5 * 24 * 60, 3 * 24 * 60),
	('4 - Low', 10 * 24 * 60, 5 * 24 * 60);

create temp table rule (warn_percent integer, hand_overs integer, remind_user integer, remind_others integer, reminders integer, keep integer);
insert into rule values (75, 4, 3 * 24 * 60, 5 * 24 * 60, 3, 90 * 24 * 60);

-- The rows, times read, what nobody knows as NULL.
create temp table said as
with
split_days as (
	select rowid as row, *,
		substr(sys_updated_at, 1, instr(sys_updated_at, '/') - 1) as u_day, substr(sys_updated_at, instr(sys_updated_at, '/') + 1) as u_rest,
		substr(opened_at, 1, instr(opened_at, '/') - 1) as o_day, substr(opened_at, instr(opened_at, '/') + 1) as o_rest
	from log
),
split_months as (
	select *,
		substr(u_rest, 1, instr(u_rest, '/') - 1) as u_month, substr(u_rest, instr(u_rest, '/') + 1, 4) as u_year,
		substr(o_rest, 1, instr(o_rest, '/') - 1) as o_month, substr(o_rest, instr(o_rest, '/') + 1, 4) as o_year
	from split_days
)
select row, number,
	unixepoch(printf('%04d-%02d-%02dT%s', u_year, u_month, u_day, substr(u_rest, -5))) / 60 as t,
	case when opened_at not in ('?', '') then unixepoch(printf('%04d-%02d-%02dT%s', o_year, o_month, o_day, substr(o_rest, -5))) / 60 end as reported,
	nullif(nullif(nullif(incident_state, '?'), ''), '-100') as state,
	nullif(nullif(priority, '?'), '') as priority,
	cast(nullif(reassignment_count, '?') as integer) as hops,
	cast(nullif(reopen_count, '?') as integer) as comebacks
from split_months;

-- In the order of time, rows of one minute as in the file; and what was the case up to each row: a field nobody knows is as
-- it was before, and a counter is the highest so far.
create temp table known as
with
ordered as (
	select *, row_number() over (partition by number order by t, row) as k from said
),
carried as (
	select *,
		max(case when state is not null then k end) over upto as k_state,
		max(case when priority is not null then k end) over upto as k_priority,
		coalesce(max(hops) over before, 0) as hops_before,
		coalesce(max(comebacks) over before, 0) as comebacks_before,
		coalesce(max(comebacks) over upto, 0) as era
	from ordered
	window upto as (partition by number order by k rows unbounded preceding),
		before as (partition by number order by k rows between unbounded preceding and 1 preceding)
)
select c.number, c.k, c.t, c.hops, c.hops_before, c.comebacks, c.comebacks_before, c.era,
	coalesce(s.state, 'New') as state, coalesce(p.priority, '3 - Moderate') as priority,
	first_value(c.t) over w - coalesce(first_value(c.reported) over w, first_value(c.t) over w) as head_start,
	lead(c.t) over w as t_next
from carried c
left join ordered s on s.number = c.number and s.k = c.k_state
left join ordered p on p.number = c.number and p.k = c.k_priority
window w as (partition by c.number order by c.k);

-- Where the incident is after each row. Resolved is resolved until somebody reopens it, whatever a late record says; then
-- its era ends. [until] is the last minute of the row's situation, the minute of the next row included: what falls due
-- in that minute falls due before the row.
create temp table situation as
with
settled as (
	select *,
		max(state in ('Resolved', 'Closed')) over era as is_settled,
		max(state = 'Closed') over era as is_closed
	from known
	window era as (partition by number, era order by k rows unbounded preceding)
),
placed as (
	select *,
		coalesce(t_next, (select max(t) from said)) as until,
		case
			when is_closed then 'closed'
			when is_settled then 'resolved'
			when state = 'Awaiting User Info' then 'with user'
			when state in ('Awaiting Vendor', 'Awaiting Problem', 'Awaiting Evidence') then 'with others'
			else 'ours'
		end as place
	from settled
),
filed as (
	select *, place = 'closed' and until - t >= (select keep from rule) as is_filed from placed
)
select *, coalesce(max(is_filed) over (partition by number order by k rows between unbounded preceding and 1 preceding), 0) as is_over
from filed;
-- What is written about a filed incident is refused.
delete from situation where is_over;

-- How much of the promised time is spent when the row's situation begins, and where in it the clock passes a mark.
create temp table spent as
select *,
	place in ('ours', 'with others') as runs,
	max(head_start, 0) + coalesce(sum(case when place in ('ours', 'with others') then until - t else 0 end)
		over (partition by number order by k rows between unbounded preceding and 1 preceding), 0) as spent
from situation;

create temp table mark as
with due as (
	select s.number, s.k, s.t, s.until, s.spent, m.name, s.t + max(m.at - s.spent, 0) as at
	from spent s join promised p on p.priority = s.priority
	join (
		select 'warned' as name, priority, promise * (select warn_percent from rule) / 100 as at from promised
		union all select 'late', priority, promise from promised
	) m on m.priority = s.priority
	where s.runs
)
select name, number, min(at) as at from due where at <= until group by name, number;

create temp table happened (category text, number text, at integer);
insert into happened select 'reassigned', number, t from situation where hops > hops_before;
insert into happened select 'reopened', number, t from situation where comebacks > comebacks_before;
insert into happened
	select 'passed around', number, min(t) from situation
	where hops > hops_before and hops >= (select hand_overs from rule) group by number;
insert into happened
	select 'silent', s.number, s.t + p.silence from situation s join promised p on p.priority = s.priority
	where s.place = 'ours' and s.t + p.silence <= s.until;
insert into happened
	select 'silent twice', s.number, s.t + 2 * p.silence from situation s join promised p on p.priority = s.priority
	where s.place = 'ours' and s.t + 2 * p.silence <= s.until;
insert into happened select name, number, at from mark;
insert into happened
	with recursive times(n) as (select 1 union all select n + 1 from times where n < (select reminders from rule))
	select 'user reminded', number, t + n * (select remind_user from rule) from situation, times
	where place = 'with user' and t + n * (select remind_user from rule) <= until;
insert into happened
	with recursive times(n) as (select 1 union all select n + 1 from times where n < (select reminders from rule))
	select 'others reminded', number, t + n * (select remind_others from rule) from situation, times
	where place = 'with others' and t + n * (select remind_others from rule) <= until;
insert into happened
	select case
			when number in (select number from happened where category in ('reopened', 'passed around', 'silent', 'late')) then 'filed after trouble'
			else 'filed'
		end, number, t + (select keep from rule)
	from situation where is_filed;

select category, number, strftime('%Y-%m-%dT%H:%M:%SZ', at * 60, 'unixepoch') from happened order by 1, 2, 3;
