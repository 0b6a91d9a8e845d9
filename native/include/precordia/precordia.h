/* SPDX-License-Identifier: Apache-2.0
 *
 * Precordia: the C ABI between orchestration and compute.
 *
 * The ABI says what can run; the caller says what runs and when. Reading order: status and text, handles, tensors,
 * memory, streams and graphs, then one section an op. Names and formulas follow docs/model.md.
 *
 * Conventions that hold everywhere
 *   - Every function returns int32_t: PCD_OK (0) or one of PCD_ERROR_*. Nothing prints, exits or throws.
 *   - Creators and queries without a context take (char* message, size_t capacity) and write a NUL-terminated UTF-8
 *     sentence on failure; message may be NULL. All others leave the sentence in the context: pcd_context_message.
 *   - A context and all that belongs to it is used by one thread at a time. The sentence is valid until the next call.
 *   - Tensors are dense and row-major. Activations are [B, L, C]: batch, time, channel. B·L is called "rows".
 *   - Structures start with struct_size = sizeof(the structure); they are copied at the call. Fields are only added,
 *     at the end; a shorter structure from an older caller is read as if the new fields were zero.
 *   - A tensor view whose buffer is NULL is absent. Optional views are marked [optional].
 *   - An op allocates nothing and synchronises nothing. Scratch memory comes from the caller: *_workspace_size (enough
 *     for forward and backward). What forward keeps for backward goes to `saved`: *_saved_size. Neither looks at
 *     buffers, only at shapes and flags: there a view may have a NULL buffer, an optional one counts when its rank is
 *     not 0, and a required one of rank 0 is inferred from the others where they determine it.
 *   - Backward takes forward's descriptor with the gradients' views added; what forward read, and h, z and logits, are
 *     unchanged by then. Views that a call does not use are not looked at. An output overlaps no other view of its
 *     call unless said.
 *   - Alignment of views: their element's size; activations [B, L, C] 16 bytes; packed, saved, workspace 64 bytes;
 *     step state and metrics ring 8 bytes. (Buffers are aligned to 256.)
 *   - A value that changes between steps is never in a descriptor: it lives in pcd_step_state in device memory, so
 *     that one recorded graph replays for a whole run.
 *   - Results are bit-identical on one build and one GPU model (CPU: one instruction set) for any number of threads.
 */
#ifndef PRECORDIA_PRECORDIA_H
#define PRECORDIA_PRECORDIA_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define PCD_API __declspec(dllexport)
#else
#define PCD_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------------- versions -- */

#define PCD_ABI_VERSION 1

/** ABI version of the loaded library; equal to PCD_ABI_VERSION of the header it was built with. */
PCD_API int32_t pcd_abi_version(void);

/** Static text: product version, build id, compiler, instruction sets, CUDA plug-in. One "key: value" a line. */
PCD_API const char* pcd_build_info(void);

/** Static text with size and field offsets of every public structure, one "struct[.field] number" a line, so that a
 *  binding can compare its own layouts. */
PCD_API const char* pcd_abi_layout(void);

/* ------------------------------------------------------------------------------------------------------ status -- */

enum {
  PCD_OK = 0,
  PCD_ERROR_ARGUMENT = 1,        /* a NULL, a negative size, a flag that does not exist */
  PCD_ERROR_SHAPE = 2,           /* shapes or types of tensors do not fit together */
  PCD_ERROR_UNSUPPORTED = 3,     /* valid, but this backend or precision cannot do it */
  PCD_ERROR_NO_DEVICE = 4,       /* no such device, or no driver */
  PCD_ERROR_DRIVER_TOO_OLD = 5,
  PCD_ERROR_NO_KERNEL_IMAGE = 6, /* the plug-in holds no code for this GPU */
  PCD_ERROR_OUT_OF_MEMORY = 7,
  PCD_ERROR_DEVICE_LOST = 8,     /* sticky: the context must be destroyed */
  PCD_ERROR_COMMUNICATION = 9,
  PCD_ERROR_INTERNAL = 10,
  PCD_ERROR_NO_PLUGIN = 11       /* the backend's library is not beside this one, or is of another build */
};

/** Name of a status, for example "PCD_ERROR_SHAPE"; static. */
PCD_API const char* pcd_status_name(int32_t status);

/* ----------------------------------------------------------------------------------------------------- devices -- */

enum { PCD_BACKEND_CPU = 0, PCD_BACKEND_CUDA = 1, PCD_BACKEND_SIMT = 2 };

typedef struct pcd_device_info {
  uint32_t struct_size;
  int32_t backend;
  int32_t index;
  int32_t compute_units;      /* cores, or multiprocessors */
  int32_t capability;         /* CUDA: 10 * major + minor; CPU: 0 */
  int32_t driver_version;     /* CUDA: 1000 * major + 10 * minor; CPU: 0 */
  uint64_t memory_bytes;      /* physical memory of the device */
  char name[128];             /* "NVIDIA H200", or the processor's model name */
  char instruction_set[32];   /* "avx512vnni", "avx512", "avx2", "baseline", "sm_90" */
} pcd_device_info;

/** Number of devices of a backend. PCD_ERROR_NO_PLUGIN, _NO_DEVICE or _DRIVER_TOO_OLD say why there is none. */
PCD_API int32_t pcd_device_count(int32_t backend, int32_t* count, char* message, size_t capacity);

/** @param info [in,out] struct_size set by the caller */
PCD_API int32_t pcd_device_query(int32_t backend, int32_t index, pcd_device_info* info, char* message,
                                 size_t capacity);

/* ---------------------------------------------------------------------------------------------------- contexts -- */

typedef struct pcd_context pcd_context;
typedef struct pcd_stream pcd_stream;
typedef struct pcd_buffer pcd_buffer;
typedef struct pcd_event pcd_event;
typedef struct pcd_graph pcd_graph;
typedef struct pcd_communicator pcd_communicator;

enum { PCD_DTYPE_F32 = 0, PCD_DTYPE_BF16 = 1, PCD_DTYPE_F64 = 2, PCD_DTYPE_I16 = 3, PCD_DTYPE_I32 = 4,
       PCD_DTYPE_I64 = 5, PCD_DTYPE_U64 = 6, PCD_DTYPE_U8 = 7 };

typedef struct pcd_context_desc {
  uint32_t struct_size;
  int32_t backend;        /* PCD_BACKEND_* */
  int32_t device;         /* index */
  int32_t threads;        /* CPU threads; 0 = all this process may use. Does not change any result. */
  uint64_t memory_limit;  /* bytes the pool may hold; 0 = no limit of ours */
  char instruction_set[32]; /* "" = best of the machine; "avx2" or "baseline" to use less (CPU) */
} pcd_context_desc;

/** @param context [out] to be given to pcd_context_destroy */
PCD_API int32_t pcd_context_create(const pcd_context_desc* desc, pcd_context** context, char* message,
                                   size_t capacity);
/** Destroys a context. Buffers, streams, events, graphs of it must have been destroyed: otherwise
 *  PCD_ERROR_ARGUMENT, naming how many are left, and nothing is destroyed. NULL is allowed. */
PCD_API int32_t pcd_context_destroy(pcd_context* context);
/** The sentence that explains the last failure of a call on this context; "" after success. */
PCD_API const char* pcd_context_message(const pcd_context* context);

typedef struct pcd_memory_info {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t in_use;      /* bytes in live buffers */
  uint64_t cached;      /* bytes kept for reuse */
  uint64_t peak;        /* largest in_use since the context was made or the peak was reset */
  uint64_t limit;       /* memory_limit, or the device's memory */
  uint64_t buffers;     /* live buffers */
} pcd_memory_info;

PCD_API int32_t pcd_memory_query(pcd_context* context, pcd_memory_info* info);
/** Returns cached blocks to the system and sets the peak to what is in use. */
PCD_API int32_t pcd_memory_trim(pcd_context* context);

/* ---------------------------------------------------------------------------------------- buffers and tensors -- */

enum { PCD_MEMORY_DEVICE = 0, PCD_MEMORY_HOST = 1 /* pinned where the backend has a device */ };

/** Uninitialised memory, aligned to 256 bytes. Freed blocks are reused in order on `stream`. */
PCD_API int32_t pcd_buffer_create(pcd_stream* stream, uint64_t bytes, int32_t memory, pcd_buffer** buffer);
/** A buffer over memory that stays the caller's and outlives it: host memory on a CPU context (for example a mapped
 *  file; only read by ops that take it as input), device memory otherwise. */
PCD_API int32_t pcd_buffer_wrap(pcd_context* context, void* data, uint64_t bytes, pcd_buffer** buffer);
/** Gives the buffer back. A recorded graph holds its own reference. NULL is allowed. */
PCD_API int32_t pcd_buffer_destroy(pcd_buffer* buffer);
PCD_API uint64_t pcd_buffer_size(const pcd_buffer* buffer);
/** Address in the device's memory. Readable by the host on the CPU backend and for PCD_MEMORY_HOST only. */
PCD_API void* pcd_buffer_data(const pcd_buffer* buffer);

/** A dense row-major view. offset in bytes, a multiple of the element's size. rank 0..4; unused extents are 1. */
typedef struct pcd_tensor {
  pcd_buffer* buffer;
  uint64_t offset;
  int32_t dtype;
  int32_t rank;
  int64_t shape[4];
} pcd_tensor;

/** Copies host memory into a tensor, in stream order; `source` may be reused when the call returns. */
PCD_API int32_t pcd_upload(pcd_stream* stream, const void* source, uint64_t bytes, const pcd_tensor* target);
/** Copies a tensor to host memory and waits for it. */
PCD_API int32_t pcd_download(pcd_stream* stream, const pcd_tensor* source, void* target, uint64_t bytes);
/** Exports a view as DLPack 1.0 (DLManagedTensorVersioned*), which keeps the buffer alive until its deleter runs. */
PCD_API int32_t pcd_tensor_to_dlpack(const pcd_tensor* tensor, void** managed);

/* ------------------------------------------------------------------------------------ streams, events, graphs -- */

PCD_API int32_t pcd_stream_create(pcd_context* context, pcd_stream** stream);
PCD_API int32_t pcd_stream_destroy(pcd_stream* stream);
/** Waits until everything on the stream is done; reports asynchronous faults. A CPU stream executes at the call. */
PCD_API int32_t pcd_stream_synchronize(pcd_stream* stream);
/** Asynchronous faults so far, without waiting. */
PCD_API int32_t pcd_stream_status(pcd_stream* stream);
/** cudaStream_t, or NULL on the CPU. */
PCD_API void* pcd_stream_native_handle(pcd_stream* stream);

PCD_API int32_t pcd_event_create(pcd_context* context, pcd_event** event);
PCD_API int32_t pcd_event_destroy(pcd_event* event);
PCD_API int32_t pcd_event_record(pcd_event* event, pcd_stream* stream);
PCD_API int32_t pcd_event_wait(pcd_event* event, pcd_stream* stream);
PCD_API int32_t pcd_event_synchronize(pcd_event* event);
/** Milliseconds between two recorded events that have both happened. */
PCD_API int32_t pcd_event_elapsed(pcd_event* begin, pcd_event* end, double* milliseconds);

/** Ops called on the stream from now on are recorded and not run. Uploads, downloads and buffer creation are
 *  PCD_ERROR_ARGUMENT meanwhile. */
PCD_API int32_t pcd_graph_begin(pcd_stream* stream);
PCD_API int32_t pcd_graph_end(pcd_stream* stream, pcd_graph** graph);
PCD_API int32_t pcd_graph_launch(pcd_graph* graph, pcd_stream* stream);
PCD_API int32_t pcd_graph_destroy(pcd_graph* graph);
/** Number of recorded ops. */
PCD_API int32_t pcd_graph_size(const pcd_graph* graph, int64_t* ops);

/* -------------------------------------------------------------------------------------------------- step state -- */

/** Everything that changes from step to step, in device memory as a U8 tensor [sizeof(pcd_step_state)]. The host writes
 *  it by pcd_upload before a run, an epoch or a resume; step_begin advances it. */
typedef struct pcd_step_state {
  uint64_t step;              /* number of the step in progress, from 1; 0 before the first step_begin */
  uint64_t epoch;             /* Philox counter word 1 */
  uint64_t cursor;            /* first entry of this step's batch in the epoch's index */
  uint64_t seed;              /* Philox key */
  double beta1_power;         /* beta1^step; 1 before the first step */
  double beta2_power;
  float rate;                 /* learning rate of this step, written by step_begin */
  float rate_scale;           /* factor the host may lower between epochs; 1 at first */
  float weight_reconstruction;
  float weight_contrastive;
  float weight_classifier;
  float gradient_norm;        /* before clipping, written by adamw */
  int32_t anchors;            /* SupCon anchors with a positive, written by supcon */
  int32_t non_finite;         /* updates skipped because the gradient's norm was not finite */
} pcd_step_state;

enum { PCD_SCHEDULE_CONSTANT = 0, PCD_SCHEDULE_ONE_CYCLE = 1, PCD_SCHEDULE_COSINE = 2 };

/** First node of a step: step += 1; cursor += batch (so the host sets cursor to 2^64 - batch at an epoch's start);
 *  beta powers; rate = rate_scale · schedule(step).
 *    constant   peak
 *    one-cycle  cosine from peak/25 to peak over warmup steps, cosine on to peak/25e4 at total (Smith & Topin 2018):
 *               peak/25 at step 1, peak at step `warmup` (at step 1 if warmup <= 1), peak/25e4 from step `total` on
 *    cosine     peak for `warmup` steps, then cosine to `final_rate` at total, and that from there on
 *  The cosine between two steps a < b is a weight ½(1 + cos(π (step - a)/(b - a))), computed in fp64. */
typedef struct pcd_step_begin_desc {
  uint32_t struct_size;
  int32_t schedule;
  float peak;
  float final_rate;
  int64_t warmup;
  int64_t total;
  int64_t batch;              /* index entries a step consumes, over all ranks and chunks */
  double beta1;
  double beta2;
  pcd_tensor state;
} pcd_step_begin_desc;
PCD_API int32_t pcd_step_begin(pcd_stream* stream, const pcd_step_begin_desc* desc);

/** One line of training metrics, 64 bytes. */
typedef struct pcd_metrics_row {
  uint64_t step;
  float rate;
  float gradient_norm;
  float loss;                 /* weighted sum */
  float reconstruction;
  float mse;
  float l1;
  float contrastive;
  float classifier;
  int32_t anchors;
  int32_t non_finite;
  float reserved[4];
} pcd_metrics_row;

/** Last node of a step: writes row (step - 1) mod capacity of the ring. Losses as the ops wrote them, unweighted (0
 *  where absent), the contrastive one as sum / anchors (0 without), so that ranks may have added theirs up; loss = Σ of
 *  state weight · loss; anchors = those of the contrastive loss where it is there, else the state's; reserved = 0. */
typedef struct pcd_metrics_desc {
  uint32_t struct_size;
  uint32_t flags;
  pcd_tensor state;
  pcd_tensor reconstruction;  /* [optional] F32 [3], of reconstruction_loss */
  pcd_tensor contrastive;     /* [optional] F32 [3], of supcon */
  pcd_tensor classifier;      /* [optional] F32 [1] */
  pcd_tensor ring;            /* U8 [capacity, sizeof(pcd_metrics_row)] */
} pcd_metrics_desc;
PCD_API int32_t pcd_metrics(pcd_stream* stream, const pcd_metrics_desc* desc);

/* ----------------------------------------------------------------------------------------------- flags of ops -- */

enum {
  PCD_FLAG_INFERENCE = 1,          /* forward saves nothing; `saved` may be absent */
  PCD_FLAG_ACCUMULATE = 2,         /* add to parameter gradients instead of writing them */
  PCD_FLAG_ACCUMULATE_INPUT = 4,   /* add to input gradients (dh, dx) instead of writing them */
  PCD_FLAG_FREE_CROP = 8,          /* gather_augment: draw the start, uniform over the record */
  PCD_FLAG_NORMALISE_WINDOW = 16,  /* gather_augment: joint z-score of a window's clean inputs (recipe `paper`) */
  PCD_FLAG_VIEWS_ONLY = 32,        /* supcon: the only positive is the other view (self-supervised control) */
  PCD_FLAG_FAST_PRODUCTS = 64      /* supcon: z and pair gradients may be rounded to 11 bits (TF32's precision) before
                                    * they are multiplied; a backend that gains nothing by it ignores it */
};

enum { PCD_MAX_BLOCKS = 16, PCD_MAX_LEADS = 16, PCD_MAX_LABEL_WORDS = 4, PCD_STORED_LEADS = 8 };

/* ---------------------------------------------------------------------------------------------- gather_augment -- */

/** Builds a batch from the int16 set: window of the eight stored leads -> augmentation in mV -> lead mixes -> inputs
 *  (standardised, noise) and targets (mV).
 *
 *  Row r takes index entry e = cursor + batch_offset + r: (record, start). Random numbers are Philox4x32-10 with key =
 *  state.seed and counter (e, state.epoch, view << 8 | lead, draw); uniforms (word + 0.5) / 2^32, normals Box–Muller.
 *  Source position of output sample t: p(t) = centre + (t - (L-1)/2) · stretch, clamped to the record, cubic
 *  Hermite (Catmull–Rom) between samples; stretch = exp(N(0, stretch_sd)) with probability stretch_probability else 1;
 *  centre = start + (L-1)/2 + uniform integer in [-shift, shift]. Common gain exp(N(0, gain_sd)) on all leads.
 *  Then per input lead: gain exp(N(0, lead_gain_sd)), noise N(0, noise_mv), standardisation, noise N(0, noise_sd),
 *  dropout.
 *  Samples stored as -32768 (invalid) read as 0 mV. All amplitudes zero: the clean window, bit for bit on any backend.
 *
 *  Draws (lead 255 = whole window): draw 0 words: crop, shift, stretch?, spare; draw 1: two normals: gain, stretch;
 *  lead i draw 0 words 0,1: normal lead gain; word 2: dropout; lead i draw 1 + t/2: normals of noise_mv for t, t+1
 *  (words 0,1) and of noise_sd for t, t+1 (words 2,3). Box–Muller of words (a, b): sqrt(-2 ln u_a)·(cos, sin)(2π u_b).
 *
 *  Exactly: the key is (low, high word of seed), counter words are the low 32 bits of e and epoch; e beyond the index
 *  wraps around (e mod E). Of a pair of normals the first is the cosine (draw 1 of the window: gain = cosine, stretch =
 *  sine of words 0,1; lead gain = cosine; even t = cosine, odd t = sine). An integer uniform in [0, n) is floor(u · n) in
 *  fp64: the free crop has n = max(length - L, 0) + 1 and replaces start, the shift n = 2·shift + 1, minus shift. "With
 *  probability q" is u < q, in fp64. p(t) is fp64, clamped to [0, length - 1]; with i = floor(p), f = p - i and the
 *  neighbours i-1, i+1, i+2 clamped alike, called a, b (at i), c, d:
 *    x(p) = b + f·((c - a)/2 + f·((2a - 5b + 4c - d)/2 + f·(3(b - c) + d - a)/2)).
 *  Arithmetic on values is fp32 without contraction: counts times common gain, then the mix Σ_k mix[k] · x_k in ascending
 *  k from 0, then times (microvolt_per_count · 0.001f), which makes mV. Targets carry the common gain and the stretch,
 *  nothing else. Standardisation is (v - mean) · (1 / deviation), the reciprocal rounded first; with NORMALISE_WINDOW
 *  mean and deviation are one pair for the window instead, those of all L·n mixed inputs before lead gain and noise
 *  (biased variance, deviation at least 1e-6).
 *
 *  With `excerpts`, row r reads its record from samples [first, first + count) of it, which lie in `samples` lead-major
 *  [8, count] from its own offset on, instead of from the whole record: a set that is larger than device memory is then
 *  passed on window by window. Positions and random numbers stay those of the record, so the result is the same, bit for
 *  bit, when the excerpt holds every sample that is read: p(t), one before, two after. What lies beyond it reads as its
 *  nearest sample. */
typedef struct pcd_gather_augment_desc {
  uint32_t struct_size;
  uint32_t flags;              /* FREE_CROP, NORMALISE_WINDOW */
  int32_t view;                /* 0, 1: part of the random counter */
  int32_t shift;               /* samples */
  int64_t batch_offset;        /* chunk or rank offset, added to the cursor */
  float gain_sd;
  float stretch_probability;
  float stretch_sd;
  float lead_gain_sd;
  float noise_mv;
  float noise_sd;              /* standardised units, inputs only */
  float dropout;               /* probability that an input lead is 0 in the whole window */
  float microvolt_per_count;   /* 1 for shards */
  pcd_tensor state;            /* step state */
  pcd_tensor samples;          /* I16 [S]: records, each lead-major [8, length] */
  pcd_tensor records;          /* I64 [R, 2]: offset in samples, length */
  pcd_tensor record_labels;    /* [optional] U64 [R, W] */
  pcd_tensor index;            /* I32 [E, 2]: record, start */
  pcd_tensor input_mix;        /* F32 [n, 8] inputs as linear mixes of the stored leads */
  pcd_tensor target_mix;       /* [optional] F32 [T, 8] */
  pcd_tensor mean;             /* F32 [n] mV */
  pcd_tensor deviation;        /* F32 [n] mV */
  pcd_tensor inputs;           /* out F32 [B, L, n] standardised */
  pcd_tensor targets;          /* [optional] out F32 [B, L, T] mV */
  pcd_tensor labels;           /* [optional] out U64 [B, W] */
  pcd_tensor groups;           /* [optional] out I32 [B]: e, equal for the views of one window */
  pcd_tensor excerpts;         /* [optional] I64 [B, 3]: offset in samples, first, count (at least 1) of each row */
} pcd_gather_augment_desc;
PCD_API int32_t pcd_gather_augment(pcd_stream* stream, const pcd_gather_augment_desc* desc);

/* --------------------------------------------------------------------------------------------------------- pack -- */

enum { PCD_OP_STEM = 1, PCD_OP_DILATED_STACK = 2, PCD_OP_POOL_PROJECT = 3, PCD_OP_FILM = 4, PCD_OP_HEAD = 5,
       PCD_OP_CLASSIFIER = 6 };

/** Parameters of one op -> the backend's own layout and precision; run after every update. */
typedef struct pcd_pack_entry {
  int32_t op;                  /* PCD_OP_* */
  int32_t dtype;               /* F32 or BF16: storage of activations the op will run with */
  int32_t channels;            /* C */
  int32_t leads;               /* stem: n; head: targets T; classifier: labels K; pool_project: embedding D; else 0 */
  int32_t blocks;              /* dilated_stack; else 0 */
  int32_t reserved;
  pcd_tensor parameters;       /* F32 [P], see the op */
  pcd_tensor packed;           /* U8 [pcd_pack_size] */
} pcd_pack_entry;

typedef struct pcd_pack_desc {
  uint32_t struct_size;
  int32_t count;               /* 1..16 */
  pcd_pack_entry entries[16];
} pcd_pack_desc;
PCD_API int32_t pcd_pack(pcd_stream* stream, const pcd_pack_desc* desc);
PCD_API int32_t pcd_pack_size(pcd_context* context, const pcd_pack_entry* entry, uint64_t* bytes);

/* --------------------------------------------------------------------------------------------------------- stem -- */

/** y[b,t,c] = bias[c] + Σ_{k=0..6} Σ_n weight[c,n,k] · x[b,t+k-3,n], zero outside the window.
 *  parameters: weight [C,n,7], bias [C]. */
typedef struct pcd_stem_desc {
  uint32_t struct_size;
  uint32_t flags;              /* ACCUMULATE */
  pcd_tensor input;            /* F32 [B, L, n] */
  pcd_tensor parameters;       /* F32 [C·n·7 + C] */
  pcd_tensor packed;           /* U8 */
  pcd_tensor output;           /* forward out, F32|BF16 [B, L, C] */
  pcd_tensor output_grad;      /* backward in, as output */
  pcd_tensor parameter_grad;   /* backward out, F32 like parameters */
  pcd_tensor workspace;        /* U8 */
} pcd_stem_desc;
PCD_API int32_t pcd_stem_forward(pcd_stream* stream, const pcd_stem_desc* desc);
PCD_API int32_t pcd_stem_backward(pcd_stream* stream, const pcd_stem_desc* desc);
PCD_API int32_t pcd_stem_workspace_size(pcd_context* context, const pcd_stem_desc* desc, uint64_t* bytes);

/* ------------------------------------------------------------------------------------------------ dilated_stack -- */

/** n blocks x <- x + Pointwise(GELU(LN(DilatedConv_d(x)))), C -> C.
 *  conv: u[t,o] = bias[o] + Σ_{k=0..2} Σ_i w[o,i,k] · x[t+(k-1)·d, i], zero outside; LN over channels, biased variance,
 *  eps 1e-5, affine; GELU 0.5 v (1 + tanh(sqrt(2/π) (v + 0.044715 v³))); pointwise [C,C].
 *  parameters, block after block: conv.weight [C,C,3], conv.bias [C], norm.weight [C], norm.bias [C],
 *  pointwise.weight [C,C,1], pointwise.bias [C]. */
typedef struct pcd_dilated_stack_desc {
  uint32_t struct_size;
  uint32_t flags;              /* INFERENCE, ACCUMULATE */
  int32_t blocks;              /* 1..16 */
  int32_t dilations[16];       /* >= 1, any, beyond the length too */
  int32_t reserved;
  pcd_tensor input;            /* F32|BF16 [B, L, C]; kept unchanged until backward */
  pcd_tensor parameters;       /* F32 [blocks · (4C² + 4C)] */
  pcd_tensor packed;           /* U8 */
  pcd_tensor output;           /* forward out [B, L, C]; not the input's memory */
  pcd_tensor saved;            /* U8, forward out, backward in */
  pcd_tensor workspace;        /* U8 */
  pcd_tensor output_grad;      /* backward in [B, L, C]; may be overwritten */
  pcd_tensor input_grad;       /* backward out [B, L, C]; may be the memory of output_grad */
  pcd_tensor parameter_grad;   /* backward out, F32 like parameters */
} pcd_dilated_stack_desc;
PCD_API int32_t pcd_dilated_stack_forward(pcd_stream* stream, const pcd_dilated_stack_desc* desc);
PCD_API int32_t pcd_dilated_stack_backward(pcd_stream* stream, const pcd_dilated_stack_desc* desc);
PCD_API int32_t pcd_dilated_stack_workspace_size(pcd_context* context, const pcd_dilated_stack_desc* desc,
                                                 uint64_t* bytes);
PCD_API int32_t pcd_dilated_stack_saved_size(pcd_context* context, const pcd_dilated_stack_desc* desc,
                                             uint64_t* bytes);

/* ------------------------------------------------------------------------------------------------- pool_project -- */

/** h[b] = mean over t of LN(x[b,t]); p = W1·GELU(W0·h + b0) + b1; z = p / max(|p|, 1e-12).
 *  parameters: norm.weight [C], norm.bias [C], 0.weight [C,C], 0.bias [C], 1.weight [D,C], 1.bias [D]. */
typedef struct pcd_pool_project_desc {
  uint32_t struct_size;
  uint32_t flags;              /* INFERENCE, ACCUMULATE */
  pcd_tensor input;            /* F32|BF16 [B, L, C] */
  pcd_tensor parameters;       /* F32 [2C + C² + C + D·C + D] */
  pcd_tensor packed;           /* U8 */
  pcd_tensor h;                /* forward out, backward in F32 [B, C] */
  pcd_tensor z;                /* [optional] forward out, backward in F32 [B, D]; absent: no projection, its gradients
                                  are 0 */
  pcd_tensor saved;            /* U8 */
  pcd_tensor workspace;        /* U8 */
  pcd_tensor h_grad;           /* [optional] backward in F32 [B, C]: gradient that reaches h from elsewhere */
  pcd_tensor z_grad;           /* [optional] backward in F32 [B, D] */
  pcd_tensor input_grad;       /* backward out, as input */
  pcd_tensor parameter_grad;   /* backward out, F32 like parameters */
} pcd_pool_project_desc;
PCD_API int32_t pcd_pool_project_forward(pcd_stream* stream, const pcd_pool_project_desc* desc);
PCD_API int32_t pcd_pool_project_backward(pcd_stream* stream, const pcd_pool_project_desc* desc);
PCD_API int32_t pcd_pool_project_workspace_size(pcd_context* context, const pcd_pool_project_desc* desc,
                                                uint64_t* bytes);
PCD_API int32_t pcd_pool_project_saved_size(pcd_context* context, const pcd_pool_project_desc* desc,
                                            uint64_t* bytes);

/* --------------------------------------------------------------------------------------------------------- film -- */

/** (g, b) = W·h + bias; y[b,t] = x[b,t]·(1 + g[b]) + b[b] (Perez et al. 2018).
 *  parameters: weight [2C,C] (g first), bias [2C]. */
typedef struct pcd_film_desc {
  uint32_t struct_size;
  uint32_t flags;              /* INFERENCE, ACCUMULATE, ACCUMULATE_INPUT (h_grad) */
  pcd_tensor input;            /* F32|BF16 [B, L, C] */
  pcd_tensor h;                /* F32 [B, C] */
  pcd_tensor parameters;       /* F32 [2C² + 2C] */
  pcd_tensor packed;           /* U8 */
  pcd_tensor output;           /* out [B, L, C]; may be the memory of input when INFERENCE */
  pcd_tensor saved;            /* U8 */
  pcd_tensor workspace;        /* U8 */
  pcd_tensor output_grad;      /* backward in [B, L, C] */
  pcd_tensor input_grad;       /* backward out [B, L, C]; may be the memory of output_grad */
  pcd_tensor h_grad;           /* [optional] backward out F32 [B, C] */
  pcd_tensor parameter_grad;   /* backward out */
} pcd_film_desc;
PCD_API int32_t pcd_film_forward(pcd_stream* stream, const pcd_film_desc* desc);
PCD_API int32_t pcd_film_backward(pcd_stream* stream, const pcd_film_desc* desc);
PCD_API int32_t pcd_film_workspace_size(pcd_context* context, const pcd_film_desc* desc, uint64_t* bytes);
PCD_API int32_t pcd_film_saved_size(pcd_context* context, const pcd_film_desc* desc, uint64_t* bytes);

/* --------------------------------------------------------------------------------------------------------- head -- */

/** out[b,t] = W·LN(x[b,t]) + bias + A·s[b,t] + a, in mV.
 *  parameters: norm.weight [C], norm.bias [C], weight [T,C,1], bias [T]. anchor: weight [T,n,1] then bias [T], frozen. */
typedef struct pcd_head_desc {
  uint32_t struct_size;
  uint32_t flags;              /* INFERENCE, ACCUMULATE */
  pcd_tensor input;            /* F32|BF16 [B, L, C] */
  pcd_tensor signal;           /* [optional, with anchor] F32 [B, L, n] standardised inputs */
  pcd_tensor parameters;       /* F32 [2C + T·C + T] */
  pcd_tensor anchor;           /* [optional] F32 [T·n + T] */
  pcd_tensor packed;           /* U8 */
  pcd_tensor output;           /* out F32 [B, L, T] mV */
  pcd_tensor saved;            /* U8 */
  pcd_tensor workspace;        /* U8 */
  pcd_tensor output_grad;      /* backward in F32 [B, L, T] */
  pcd_tensor input_grad;       /* backward out, as input */
  pcd_tensor parameter_grad;   /* backward out */
} pcd_head_desc;
PCD_API int32_t pcd_head_forward(pcd_stream* stream, const pcd_head_desc* desc);
PCD_API int32_t pcd_head_backward(pcd_stream* stream, const pcd_head_desc* desc);
PCD_API int32_t pcd_head_workspace_size(pcd_context* context, const pcd_head_desc* desc, uint64_t* bytes);
PCD_API int32_t pcd_head_saved_size(pcd_context* context, const pcd_head_desc* desc, uint64_t* bytes);

/* -------------------------------------------------------------------------------------------------- convolution -- */

/* convolution, lstm and log_rms serve the networks that the model is compared with. Only the CPU computes them, in fp32:
 * elsewhere, and on size queries too, PCD_ERROR_UNSUPPORTED. */

/** Convolution over time with any taps and stride, or its transpose.
 *    y[b,t,o] = bias[o] + addend[b,t,o] + Σ_{k<taps} Σ_i weight[o,i,k] · x[b, t·stride + k - padding, i], zero outside the
 *    window; M = floor((L + 2·padding - taps) / stride) + 1.
 *  transposed: what the gradient with respect to x does, from I to O channels:
 *    y[b,u,o] = bias[o] + addend[b,u,o] + Σ over t, k with t·stride + k - padding = u of Σ_i weight[i,o,k] · x[b,t,i];
 *    M is any length from which the convolution above makes L.
 *  parameters: weight [O,I,taps], transposed [I,O,taps] (as PyTorch has them); bias [O]. */
typedef struct pcd_convolution_desc {
  uint32_t struct_size;
  uint32_t flags;              /* ACCUMULATE, ACCUMULATE_INPUT (input_grad) */
  int32_t taps;                /* 1..64 */
  int32_t stride;              /* 1..taps */
  int32_t padding;             /* 0..taps-1 */
  int32_t transposed;          /* 0 or 1 */
  pcd_tensor input;            /* F32 [B, L, I] */
  pcd_tensor parameters;       /* F32 [O·I·taps + O] */
  pcd_tensor addend;           /* [optional] forward in F32 [B, M, O]; its gradient is output_grad */
  pcd_tensor output;           /* forward out F32 [B, M, O]; may be the memory of addend */
  pcd_tensor workspace;        /* U8 */
  pcd_tensor output_grad;      /* backward in F32 [B, M, O] */
  pcd_tensor input_grad;       /* [optional] backward out F32 [B, L, I] */
  pcd_tensor parameter_grad;   /* backward out, F32 like parameters */
} pcd_convolution_desc;
PCD_API int32_t pcd_convolution_forward(pcd_stream* stream, const pcd_convolution_desc* desc);
PCD_API int32_t pcd_convolution_backward(pcd_stream* stream, const pcd_convolution_desc* desc);
PCD_API int32_t pcd_convolution_workspace_size(pcd_context* context, const pcd_convolution_desc* desc,
                                               uint64_t* bytes);

/* --------------------------------------------------------------------------------------------------------- lstm -- */

/** Long short-term memory (Hochreiter & Schmidhuber 1997) with a forget gate, in one or both directions of time; h and c
 *  are 0 before the first step:
 *    (i, f, g, o) = W·x[b,t] + bw + U·h[b,t-1] + bu
 *    c[b,t] = σ(f)·c[b,t-1] + σ(i)·tanh(g);  h[b,t] = σ(o)·tanh(c[b,t])
 *  The second direction runs from the window's end: t+1 in the place of t-1. output[b,t] = h of the first direction, then
 *  of the second.
 *  parameters, direction after direction, rows in the order i f g o (as PyTorch has them): W [4H,C], U [4H,H], bw [4H],
 *  bu [4H]. */
typedef struct pcd_lstm_desc {
  uint32_t struct_size;
  uint32_t flags;              /* INFERENCE, ACCUMULATE */
  int32_t directions;          /* D: 1 or 2 */
  int32_t reserved;
  pcd_tensor input;            /* F32 [B, L, C] */
  pcd_tensor parameters;       /* F32 [D·(4H·C + 4H·H + 8H)] */
  pcd_tensor output;           /* forward out, backward in F32 [B, L, D·H] */
  pcd_tensor saved;            /* U8 */
  pcd_tensor workspace;        /* U8 */
  pcd_tensor output_grad;      /* backward in F32 [B, L, D·H] */
  pcd_tensor input_grad;       /* backward out F32 [B, L, C] */
  pcd_tensor parameter_grad;   /* backward out, F32 like parameters */
} pcd_lstm_desc;
PCD_API int32_t pcd_lstm_forward(pcd_stream* stream, const pcd_lstm_desc* desc);
PCD_API int32_t pcd_lstm_backward(pcd_stream* stream, const pcd_lstm_desc* desc);
PCD_API int32_t pcd_lstm_workspace_size(pcd_context* context, const pcd_lstm_desc* desc, uint64_t* bytes);
PCD_API int32_t pcd_lstm_saved_size(pcd_context* context, const pcd_lstm_desc* desc, uint64_t* bytes);

/* ------------------------------------------------------------------------------------------------------ log_rms -- */

/** h[b,c] = scale · ln(max(rms, 1e-3)) for c < n, rms² = mean over t of x[b,t,c]²; 0 for the other c. An h of the inputs'
 *  amplitudes, in the place of a learned one. */
typedef struct pcd_log_rms_desc {
  uint32_t struct_size;
  uint32_t flags;
  float scale;                 /* finite; what brings h to the order of 1 */
  int32_t reserved;
  pcd_tensor input;            /* F32 [B, L, n] standardised inputs */
  pcd_tensor h;                /* out F32 [B, C], C >= n */
} pcd_log_rms_desc;
PCD_API int32_t pcd_log_rms(pcd_stream* stream, const pcd_log_rms_desc* desc);

/* ------------------------------------------------------------------------------------------ reconstruction_loss -- */

/** loss = mse_weight·mean(e²) + l1_weight·mean|e|, e = prediction - target, means over B·L·T; derivative of |0| is 0.
 *  prediction_grad = state.weight_reconstruction · dloss/dprediction · gradient_scale. */
typedef struct pcd_reconstruction_loss_desc {
  uint32_t struct_size;
  uint32_t flags;
  float mse_weight;            /* 0 in the default recipe */
  float l1_weight;             /* 1 */
  float gradient_scale;        /* 1; chunks of a larger batch: their share */
  float reserved;
  pcd_tensor prediction;       /* F32 [B, L, T] mV */
  pcd_tensor target;           /* F32 [B, L, T] mV */
  pcd_tensor state;            /* [optional] absent: weight 1 */
  pcd_tensor loss;             /* [optional] out F32 [3]: loss, mse, l1 */
  pcd_tensor prediction_grad;  /* [optional] out F32 [B, L, T] */
  pcd_tensor moments;          /* [optional] out F64 [B, T, 7]: Σe², Σ|e|, Σy, Σy², Σp, Σp², Σyp over time, y = target */
  pcd_tensor workspace;        /* U8 */
} pcd_reconstruction_loss_desc;
PCD_API int32_t pcd_reconstruction_loss(pcd_stream* stream, const pcd_reconstruction_loss_desc* desc);
PCD_API int32_t pcd_reconstruction_loss_workspace_size(pcd_context* context, const pcd_reconstruction_loss_desc* desc,
                                                       uint64_t* bytes);

/* ------------------------------------------------------------------------------------------------------- supcon -- */

enum { PCD_SUPCON_ANY = 0, PCD_SUPCON_OUT = 1, PCD_SUPCON_JACCARD = 2 };

/** Supervised contrastive loss (docs/model.md, section 3) of rows [row_begin, row_end) against all N, without the
 *  N×N matrix. Forward writes the statistics of its rows; backward needs those of all N rows (gathered over ranks).
 *  Positives: other entries that share a label bit or the group. Entries with an empty mask take no part, unless
 *  PCD_FLAG_VIEWS_ONLY, where only the group counts.
 *  statistics row: logsumexp over all others, logsumexp over positives (-inf: none), Σ of target weights before
 *  normalisation (|P| or Σ Jaccard; 0: not an anchor), loss of the row (0: not an anchor). An entry that takes no part:
 *  -inf, -inf, 0, 0. The Jaccard weight of a positive by the group is 1, whatever its labels.
 *  z_grad = state.weight_contrastive · dL/dz, L the mean over all N's anchors. state.anchors: forward writes its rows'
 *  anchors, backward those of all N. */
typedef struct pcd_supcon_desc {
  uint32_t struct_size;
  uint32_t flags;              /* VIEWS_ONLY, FAST_PRODUCTS */
  int32_t target;              /* PCD_SUPCON_* */
  float temperature;           /* 0.07; 2/temperature < 80 */
  int64_t row_begin;
  int64_t row_end;
  pcd_tensor z;                /* F32 [N, D], rows of length 1 */
  pcd_tensor labels;           /* U64 [N, W], W <= 4; [optional with VIEWS_ONLY] */
  pcd_tensor groups;           /* [optional] I32 [N] */
  pcd_tensor state;            /* [optional] weight and anchors */
  pcd_tensor statistics;       /* F32 [N, 4]; forward out for its rows, backward in for all */
  pcd_tensor loss;             /* [optional] forward out F32 [3]: mean over the rows' anchors (0: none), sum, anchors */
  pcd_tensor z_grad;           /* backward out F32 [row_end - row_begin, D] */
  pcd_tensor workspace;        /* U8 */
} pcd_supcon_desc;
PCD_API int32_t pcd_supcon_forward(pcd_stream* stream, const pcd_supcon_desc* desc);
PCD_API int32_t pcd_supcon_backward(pcd_stream* stream, const pcd_supcon_desc* desc);
PCD_API int32_t pcd_supcon_workspace_size(pcd_context* context, const pcd_supcon_desc* desc, uint64_t* bytes);

/* --------------------------------------------------------------------------------------------------- classifier -- */

/** logits = W·h + b; loss = mean over batch and labels of the sigmoid cross-entropy with the label bits.
 *  parameters: weight [K,C], bias [K]. h_grad and parameter_grad carry state.weight_classifier · gradient_scale. */
typedef struct pcd_classifier_desc {
  uint32_t struct_size;
  uint32_t flags;              /* ACCUMULATE, ACCUMULATE_INPUT (h_grad) */
  float gradient_scale;        /* 1 */
  float reserved;
  pcd_tensor h;                /* F32 [B, C] */
  pcd_tensor labels;           /* [optional for logits alone] U64 [B, W] */
  pcd_tensor parameters;       /* F32 [K·C + K] */
  pcd_tensor packed;           /* U8 */
  pcd_tensor state;            /* [optional] */
  pcd_tensor logits;           /* forward out, backward in F32 [B, K] */
  pcd_tensor loss;             /* [optional] forward out F32 [1] */
  pcd_tensor h_grad;           /* [optional] backward out F32 [B, C] */
  pcd_tensor parameter_grad;   /* backward out */
  pcd_tensor workspace;        /* U8 */
} pcd_classifier_desc;
PCD_API int32_t pcd_classifier_forward(pcd_stream* stream, const pcd_classifier_desc* desc);
PCD_API int32_t pcd_classifier_backward(pcd_stream* stream, const pcd_classifier_desc* desc);
PCD_API int32_t pcd_classifier_workspace_size(pcd_context* context, const pcd_classifier_desc* desc, uint64_t* bytes);

/* -------------------------------------------------------------------------------------------------------- ridge -- */

/** Adds one batch to the normal equations, fp64: with s' = (s, 1), gram += Σ s' s'ᵀ, moment += Σ s' yᵀ over rows. */
typedef struct pcd_ridge_desc {
  uint32_t struct_size;
  uint32_t flags;
  pcd_tensor inputs;           /* F32 [B, L, n] */
  pcd_tensor targets;          /* F32 [B, L, T] */
  pcd_tensor gram;             /* in, out F64 [n+1, n+1] */
  pcd_tensor moment;           /* in, out F64 [n+1, T] */
  pcd_tensor workspace;        /* U8 */
} pcd_ridge_desc;
PCD_API int32_t pcd_ridge(pcd_stream* stream, const pcd_ridge_desc* desc);
PCD_API int32_t pcd_ridge_workspace_size(pcd_context* context, const pcd_ridge_desc* desc, uint64_t* bytes);

/* -------------------------------------------------------------------------------------------------------- adamw -- */

/** Global norm, clipping, AdamW (Loshchilov & Hutter 2019), moving average, over flat buffers.
 *  g = gradient · min(1, clip/(|gradient| + 1e-6)); m = beta1·m + (1-beta1)·g; v = beta2·v + (1-beta2)·g²;
 *  m̂ = m/(1 - state.beta1_power), v̂ = v/(1 - state.beta2_power);
 *  p -= rate · (m̂/(sqrt(v̂) + eps) + weight_decay · decay[segment] · p); average = d·average + (1-d)·p.
 *  A norm that is not finite: nothing is updated, state.non_finite += 1; state.gradient_norm is written either way. */
typedef struct pcd_adamw_desc {
  uint32_t struct_size;
  uint32_t flags;
  float beta1;
  float beta2;
  float epsilon;
  float weight_decay;
  float clip_norm;             /* <= 0: no clipping */
  float average_decay;         /* 0.995 */
  pcd_tensor parameters;       /* in, out F32 [P] */
  pcd_tensor gradients;        /* F32 [P] */
  pcd_tensor first_moment;     /* in, out F32 [P] */
  pcd_tensor second_moment;    /* in, out F32 [P] */
  pcd_tensor average;          /* [optional] in, out F32 [P] */
  pcd_tensor segments;         /* I64 [S + 1]: ascending bounds, first 0, last P */
  pcd_tensor decay;            /* F32 [S]: factor on weight_decay, 0 or 1 */
  pcd_tensor state;
  pcd_tensor workspace;        /* U8 */
} pcd_adamw_desc;
PCD_API int32_t pcd_adamw(pcd_stream* stream, const pcd_adamw_desc* desc);
PCD_API int32_t pcd_adamw_workspace_size(pcd_context* context, const pcd_adamw_desc* desc, uint64_t* bytes);

/* -------------------------------------------------------------------------------------------- fill, cast, copy -- */

typedef struct pcd_fill_desc {
  uint32_t struct_size;
  uint32_t flags;
  double value;                /* converted to the tensor's type */
  pcd_tensor tensor;
} pcd_fill_desc;
PCD_API int32_t pcd_fill(pcd_stream* stream, const pcd_fill_desc* desc);

/** Same shape; F32, BF16 and F64 in any direction (one rounding, to nearest even; a NaN stays a NaN), or equal
 *  types. */
typedef struct pcd_cast_desc {
  uint32_t struct_size;
  uint32_t flags;
  pcd_tensor source;
  pcd_tensor target;
} pcd_cast_desc;
PCD_API int32_t pcd_cast(pcd_stream* stream, const pcd_cast_desc* desc);

/** Bytes of source to target, of equal size; memory of any kind. */
typedef struct pcd_copy_desc {
  uint32_t struct_size;
  uint32_t flags;
  pcd_tensor source;
  pcd_tensor target;
} pcd_copy_desc;
PCD_API int32_t pcd_copy(pcd_stream* stream, const pcd_copy_desc* desc);

/* ------------------------------------------------------------------------------------------------- multiply_add -- */

/** What the device multiplies and adds at most, to hold ops against: independent chains of multiply-adds in registers,
 *  on every core or multiprocessor, and nothing else.
 *    F32    x = a·x + b in fp32
 *    BF16   products as this backend takes them of activations stored as bf16, summed in 32 bits: tensor cores (wgmma
 *           where the GPU has it), or pairs of 16-bit integers on the CPU
 *  `operations` becomes the floating-point operations (two a multiply-add) that the call has done: a number a round that
 *  follows from type and device, times rounds. It does not depend on the number of threads; on the CPU rounds are what
 *  threads share, so give each many. PCD_ERROR_UNSUPPORTED: BF16 on a GPU whose tensor cores do not know it (sm_75). */
typedef struct pcd_multiply_add_desc {
  uint32_t struct_size;
  uint32_t flags;
  int32_t dtype;               /* F32 or BF16 */
  int32_t reserved;
  int64_t rounds;              /* 1 to 2^31 - 1 */
  pcd_tensor operations;       /* out F64 [1] */
} pcd_multiply_add_desc;
PCD_API int32_t pcd_multiply_add(pcd_stream* stream, const pcd_multiply_add_desc* desc);

/* ------------------------------------------------------------------------------------------------ communicator -- */

enum { PCD_COMMUNICATOR_SINGLE = 0, PCD_COMMUNICATOR_NCCL = 1, PCD_COMMUNICATOR_MPI = 2 };
enum { PCD_REDUCE_SUM = 0, PCD_REDUCE_MEAN = 1 /* F32, BF16 and F64 alone */ };

/** Ranks that compute together, a process each.
 *    SINGLE  one rank: collectives are copies
 *    NCCL    GPUs; libnccl.so.2 is opened at run time (PRECORDIA_NCCL names another file)
 *    MPI     the CPU backend; by libprecordia_mpi.so beside this library, built where mpicc was found. The ranks are the
 *            first `ranks` of MPI_COMM_WORLD, in its order.
 *  All ranks of a communicator call the same collectives in the same order, on tensors of equal type and size. A
 *  collective takes its turn in its stream like an op. It may be recorded; a graph keeps its communicators alive. */
typedef struct pcd_communicator_desc {
  uint32_t struct_size;
  int32_t kind;                /* PCD_COMMUNICATOR_* */
  int32_t rank;
  int32_t ranks;
  uint8_t unique_id[128];      /* NCCL: of pcd_communicator_unique_id on one rank, the same on all */
} pcd_communicator_desc;
/** Waits for all ranks. @param communicator [out] to be given to pcd_communicator_destroy */
PCD_API int32_t pcd_communicator_create(pcd_context* context, const pcd_communicator_desc* desc,
                                        pcd_communicator** communicator);
/** Graphs that hold it must have been destroyed. NULL is allowed. */
PCD_API int32_t pcd_communicator_destroy(pcd_communicator* communicator);
/** Gives up what is under way and what would come: a rank was lost, or this one failed. From any thread, even while
 *  another one is inside a collective, which then ends with PCD_ERROR_COMMUNICATION as all later ones do. On a backend that
 *  runs later than the call, so do waits, downloads and launches of graphs that hold it, until it is destroyed. */
PCD_API int32_t pcd_communicator_abort(pcd_communicator* communicator);
/** Asynchronous faults so far. */
PCD_API int32_t pcd_communicator_status(pcd_communicator* communicator);
/** Name and version of the library that a kind uses, as NUL-terminated text; on failure the sentence that says why it
 *  cannot be had. */
PCD_API int32_t pcd_communicator_library(int32_t kind, char* text, size_t capacity);
/** What ranks of NCCL find each other by. @param id [out] 128 bytes, to be carried to all ranks */
PCD_API int32_t pcd_communicator_unique_id(int32_t kind, uint8_t* id, char* message, size_t capacity);

typedef struct pcd_communicator_info {
  uint32_t struct_size;
  int32_t kind;
  int32_t rank;
  int32_t ranks;
  uint64_t collectives;        /* that this rank has called or launched; of a graph of CUDA's those that it recorded */
  uint64_t bytes;              /* of their tensors: all_gather, reduce_scatter: of the larger one; the others: of the one */
  int64_t waited;              /* nanoseconds inside them and in joins, of a backend that executes at the call; else 0 */
} pcd_communicator_info;
/** @param info [in,out] struct_size set by the caller */
PCD_API int32_t pcd_communicator_query(pcd_communicator* communicator, pcd_communicator_info* info);

/** Sum over ranks, in place. */
PCD_API int32_t pcd_all_reduce(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor);
/** The same, or the mean, beside what the stream does next: it begins when the stream's work before it is done, and its
 *  result may be used, and its tensor written, after a join. Several may be under way. */
PCD_API int32_t pcd_all_reduce_begin(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor,
                                     int32_t reduction);
/** The stream goes on when every all_reduce_begin so far is done. */
PCD_API int32_t pcd_communicator_join(pcd_communicator* communicator, pcd_stream* stream);
/** target = the ranks' sources, one after the other. In place: source is this rank's part of target. */
PCD_API int32_t pcd_all_gather(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* source,
                               const pcd_tensor* target);
/** target = this rank's part of the sum of the ranks' sources. In place: target is this rank's part of source. */
PCD_API int32_t pcd_reduce_scatter(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* source,
                                   const pcd_tensor* target);
PCD_API int32_t pcd_broadcast(pcd_communicator* communicator, pcd_stream* stream, const pcd_tensor* tensor,
                              int32_t root);
/** The stream goes on when all ranks have come here. */
PCD_API int32_t pcd_barrier(pcd_communicator* communicator, pcd_stream* stream);

/* ------------------------------------------------------------------------------------------------------- traces -- */

enum {
  PCD_TRACE_OP = 1,            /* an op's call, or an op of a launched graph on a backend that executes at the call */
  PCD_TRACE_CAPTURE = 2,       /* an op that a capturing backend took into a graph: nothing ran */
  PCD_TRACE_GRAPH = 3,         /* a launch of a graph; the graph's ops lie inside where they execute at the call */
  PCD_TRACE_UPLOAD = 4,
  PCD_TRACE_DOWNLOAD = 5,
  PCD_TRACE_WAIT = 6,          /* the host waits for a stream or an event */
  PCD_TRACE_KERNEL = 7,        /* on the device, with PCD_TRACE_FLAG_DEVICE: a kernel */
  PCD_TRACE_COPY = 8,          /*   a copy */
  PCD_TRACE_SET = 9            /*   a memset */
};

enum { PCD_TRACE_FLAG_DEVICE = 1 /* what runs on the device too, where a profiler's library tells it (CUDA: CUPTI) */ };

typedef struct pcd_trace_desc {
  uint32_t struct_size;
  uint32_t flags;              /* PCD_TRACE_FLAG_* */
  uint64_t capacity;           /* events kept until they are read, more are dropped; 0: 16384 */
} pcd_trace_desc;

/** Something that took time, 256 bytes. A CPU stream's op ran between begin and end; a GPU's op was called then. */
typedef struct pcd_trace_event {
  int32_t kind;                /* PCD_TRACE_* */
  int32_t stream;              /* kinds 1 to 6: number of the stream within its context, from 1; others: the device's */
  int64_t begin;               /* nanoseconds of pcd_trace_clock */
  int64_t end;
  uint64_t bytes;              /* ops: of the views that the call uses, each once, without workspace; or copied */
  double operations;           /* floating-point operations of the op's matrix products, two a multiply-add; 0: none */
  int32_t dtype;               /* of the view that names the op's size (activations, parameters); -1: no such view */
  int32_t rank;
  int64_t shape[4];
  uint64_t reserved[6];
  char name[128];              /* "stem_forward", "graph", a kernel's name; NUL-terminated */
} pcd_trace_event;

/** Monotonic nanoseconds, the clock of every event. On Linux CLOCK_MONOTONIC. */
PCD_API int64_t pcd_trace_clock(void);
/** Keeps an event for every call on the context from now on. PCD_ERROR_ARGUMENT when a trace is on already;
 *  PCD_ERROR_UNSUPPORTED when the device's side was asked for and cannot be had: ask without it then. */
PCD_API int32_t pcd_trace_start(pcd_context* context, const pcd_trace_desc* desc);
/** Ends the trace; with PCD_TRACE_FLAG_DEVICE it waits for all streams first. What was not read can be until the next
 *  start. Allowed without a trace. */
PCD_API int32_t pcd_trace_stop(pcd_context* context);
/** Hands out the oldest events and forgets them. A launch comes before the ops inside it, both in order of their begin;
 *  events of the device come when its profiler hands them over, at the latest after the stop.
 *  @param count [out] events written, at most `capacity`; fewer than that: none is left
 *  @param dropped [out] events lost since the start because nobody read; may be NULL */
PCD_API int32_t pcd_trace_read(pcd_context* context, pcd_trace_event* events, uint64_t capacity, uint64_t* count,
                               uint64_t* dropped);

#ifdef __cplusplus
}
#endif

#endif /* PRECORDIA_PRECORDIA_H */
