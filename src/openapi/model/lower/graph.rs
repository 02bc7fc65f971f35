//! Which schemas lead to one another: strongly connected components, without recursion.
//!
//! R. Tarjan, Depth-first search and linear graph algorithms, SIAM Journal on Computing 1 (1972).

use crate::openapi::model::{Schema, SchemaId};

/// Edges from each schema, in the order in which it names them.
pub(super) struct Graph {
    /// Where the edges of a schema begin; one more than there are schemas.
    starts: Vec<u32>,
    targets: Vec<u32>,
}

const UNSEEN: u32 = u32::MAX;

impl Graph {
    pub(super) fn of<'t>(
        schemas: &[Schema<'t>],
        edges: impl Fn(&Schema<'t>, &mut dyn FnMut(SchemaId, bool)),
    ) -> Self {
        let mut starts = Vec::with_capacity(schemas.len() + 1);
        let mut targets = Vec::with_capacity(schemas.len());
        for schema in schemas {
            starts.push(narrow(targets.len()));
            edges(schema, &mut |id, _| targets.push(id.0));
        }
        starts.push(narrow(targets.len()));
        Self { starts, targets }
    }

    fn edge(&self, from: u32, index: u32) -> Option<u32> {
        let at = self.starts[from as usize] + index;
        (at < self.starts[from as usize + 1]).then(|| self.targets[at as usize])
    }

    /// Whether a schema names itself.
    fn is_loop(&self, schema: u32) -> bool {
        let (start, end) = (self.starts[schema as usize], self.starts[schema as usize + 1]);
        self.targets[start as usize..end as usize].contains(&schema)
    }

    /// Calls `component` with the schemas of each component and whether they lead back to themselves; each component
    /// after those that it leads to.
    pub(super) fn components(&self, mut component: impl FnMut(&[u32], bool)) {
        let count = self.starts.len() - 1;
        let mut order = vec![UNSEEN; count];
        let mut low = vec![0_u32; count];
        let mut on_stack = vec![false; count];
        let mut stack: Vec<u32> = Vec::new();
        let mut path: Vec<(u32, u32)> = Vec::new();
        let mut next = 0;
        for root in 0..narrow(count) {
            if order[root as usize] != UNSEEN {
                continue;
            }
            path.push((root, 0));
            while let Some((schema, edge)) = path.last_mut() {
                let at = *schema as usize;
                if *edge == 0 && order[at] == UNSEEN {
                    order[at] = next;
                    low[at] = next;
                    next += 1;
                    stack.push(*schema);
                    on_stack[at] = true;
                }
                if let Some(target) = self.edge(*schema, *edge) {
                    *edge += 1;
                    let to = target as usize;
                    if order[to] == UNSEEN {
                        path.push((target, 0));
                    } else if on_stack[to] {
                        low[at] = low[at].min(order[to]);
                    }
                    continue;
                }
                let schema = *schema;
                path.pop();
                if let Some(&(parent, _)) = path.last() {
                    low[parent as usize] = low[parent as usize].min(low[at]);
                }
                if low[at] == order[at] {
                    let start = stack.iter().rposition(|&member| member == schema).unwrap_or(0);
                    stack[start..].iter().for_each(|&member| on_stack[member as usize] = false);
                    let members = &stack[start..];
                    component(members, members.len() > 1 || self.is_loop(schema));
                    stack.truncate(start);
                }
            }
        }
    }
}

fn narrow(wide: usize) -> u32 {
    u32::try_from(wide).unwrap_or(u32::MAX)
}
