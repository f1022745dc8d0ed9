-- SPDX-License-Identifier: MIT
--
-- How the STAR dialogues keep their task graphs, computed from the data set's JSON alone: neither the converter nor the playbook
-- nor the runtime has a part in it. Run by the sqlite3 command line, with the tables
--
--     tasks (name text, file text)      the task graphs, a file each
--     dialogues (line text)             the dialogues, one JSON text each
--
-- Writes a line for each complete dialogue of a single task:
--
--     case|task|outcome|first|next|answers|skips|repeats|jumps|returns|beside|own words
--
-- playbooks/service-desk/README.md says in a sentence each what counts.

.mode list
.separator "|"

create temp table look_up (label text primary key);
insert into look_up values ('query'), ('query_check'), ('query_book');

create temp table answer (label text primary key);
insert into answer values ('yes'), ('no'), ('available'), ('unavailable'), ('query_success'), ('query_failure'), ('info_missing'),
	('info_missing2'), ('correct'), ('incorrect'), ('noanswer'), ('done');

-- The graphs as they are written, an arrow a row.
create temp table drawn as
select t.name as task, e.key as a, e.value as b
from tasks t, json_each(t.file, '$.graph') e;

-- The steps: what can be said. [beginning]: the label that no arrow leads to and that is no answer or look-up; where several are,
-- the first one drawn.
create temp table step as
select distinct task, label from (select task, a as label from drawn union select task, b from drawn)
where label not in (select label from look_up) and label not in (select label from answer);
create unique index step_by_label on step (task, label);

create temp table beginning as
select task, a as label from (
	select d.task, d.a, row_number() over (partition by d.task order by d.rowid) as place
	from drawn d
	where d.a in (select label from step s where s.task = d.task)
		and d.a not in (select b from drawn o where o.task = d.task)
) where place = 1;

-- The arrows between steps: drawn as such, or through a look-up.
create temp table arrow as
select d.task, d.a, d.b
from drawn d join step s on s.task = d.task and s.label = d.a join step u on u.task = d.task and u.label = d.b
union
select d.task, d.a, e.b
from drawn d join step s on s.task = d.task and s.label = d.a
	join drawn e on e.task = d.task and e.a = d.b and d.b in (select label from look_up)
	join step u on u.task = e.task and u.label = e.b;
create unique index arrow_by_ends on arrow (task, a, b);

-- [b] lies ahead of [a], at any distance.
create temp table ahead as
with recursive way (task, a, b) as (
	select task, a, b from arrow
	union
	select w.task, w.a, x.b from way w join arrow x on x.task = w.task and x.a = w.b
)
select * from way;
create unique index ahead_by_ends on ahead (task, a, b);

create temp table dialogue as
select json_extract(line, '$.DialogueID') as id, json_extract(line, '$.Scenario.WizardCapabilities[0].Task') as task, line
from dialogues
where json_extract(line, '$.CompletionLevel') = 'Complete' and not json_extract(line, '$.Scenario.MultiTask');

-- What the agents did in words.
create temp table said as
select d.id, d.task, e.key as place, json_extract(e.value, '$.Action') as action, json_extract(e.value, '$.ActionLabel') as label
from dialogue d, json_each(d.line, '$.Events') e
where json_extract(e.value, '$.Agent') = 'Wizard' and json_extract(e.value, '$.Action') in ('pick_suggestion', 'utter');

-- Each step of the graph, beside the one that was said before it.
create temp table pair as
select m.id, m.task, m.place, m.label as b, lag(m.label) over (partition by m.id order by m.place) as a
from said m join step s on s.task = m.task and s.label = m.label
where m.action = 'pick_suggestion';

create temp table judged as
select p.id, p.task, p.place, p.a, p.b,
	case
		when p.a is null then 'first'
		when p.a = p.b then 'repeat'
		when exists (select 1 from arrow x where x.task = p.task and x.a = p.a and x.b = p.b) then 'next'
		when exists (select 1 from ahead x where x.task = p.task and x.a = p.b and x.b = p.a)
			and not exists (select 1 from ahead x where x.task = p.task and x.a = p.a and x.b = p.b) then 'return'
		when exists (select 1 from ahead x where x.task = p.task and x.a = p.a and x.b = p.b) then 'skip'
		when not exists (select 1 from arrow x where x.task = p.task and x.a = p.a) then 'answer'
		else 'jump'
	end as kind
from pair p;

create temp table counted as
select id, sum(kind = 'first') as firsts, sum(kind = 'next') as nexts, sum(kind = 'answer') as answers, sum(kind = 'skip') as skips,
	sum(kind = 'repeat') as repeats, sum(kind = 'jump') as jumps, sum(kind = 'return') as returns,
	max(kind = 'first' and (
		b = (select label from beginning g where g.task = j.task)
		or exists (select 1 from arrow x join beginning g on g.task = x.task and g.label = x.a where x.task = j.task and x.b = j.b)
	)) as began_at_the_beginning
from judged j group by id;

create temp table otherwise as
select m.id,
	sum(m.action = 'pick_suggestion' and not exists (select 1 from step s where s.task = m.task and s.label = m.label)) as beside,
	sum(m.action = 'utter') as own_words
from said m group by m.id;

select 'dialogue-' || d.id, d.task,
	case
		when coalesce(c.firsts, 0) = 0 then 'guide not used'
		when c.returns > 0 then 'left the order'
		when c.nexts > 0 and c.began_at_the_beginning and c.skips + c.repeats + c.jumps + coalesce(o.beside, 0) = 0 then 'followed'
		else 'kept the order'
	end,
	coalesce(c.firsts, 0), coalesce(c.nexts, 0), coalesce(c.answers, 0), coalesce(c.skips, 0), coalesce(c.repeats, 0),
	coalesce(c.jumps, 0), coalesce(c.returns, 0), coalesce(o.beside, 0), coalesce(o.own_words, 0)
from dialogue d left join counted c on c.id = d.id left join otherwise o on o.id = d.id
order by 1;
